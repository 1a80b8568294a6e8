// Builds the Workers that crates/edge is tested with. `npm test` does so; alone: `node tests/edge/build.mjs`.
import path from 'node:path';

import { buildWorkerOf } from '../../scripts/build.mjs';
import { installToolchain } from '../../scripts/toolchain.mjs';
import { root } from '../../scripts/worker.mjs';

/** Where the Worker called `name` is built. */
export const builtAt = (name) => path.join(root, 'build', `edge-${name}`);

export async function buildEdgeWorkers(toolchain) {
  for (const name of ['counter', 'tour']) {
    await buildWorkerOf(
      { crate: `wxedge-edge-${name}`, entry: path.join(root, 'tests', 'edge', name, 'entry.js'), out: builtAt(name), profile: 'quick' },
      toolchain,
    );
  }
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) await buildEdgeWorkers(await installToolchain());

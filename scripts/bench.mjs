// npm run bench: the figures, side by side in one run. What follows -- goes to each part, such as --quick.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { build } from './build.mjs';
import { run, step } from './steps.mjs';
import { root } from './worker.mjs';

// Each is a script of tests/bench that takes --quick, and --json with a file for its figures.
const parts = {
  workers: 'The Worker beside a Hono Worker that does the same',
  'token-storm': 'A storm on the token, beside the naive code of the field',
  'as-wechat': 'A call of an SDK through the Worker, beside the same call straight to the sandbox',
  decrypt: 'Decrypting user data, beside WebCrypto and a Node SDK',
  client: 'The client package: bytes, and speed beside URLSearchParams, qs and query-string',
  'package-ready': 'The client package, from nothing to ready in a browser',
};

export async function bench(args) {
  await build();
  // The figures of a full run are kept with the project, for the README; those of a quick one are not.
  const directory = args.includes('--quick') ? path.join(root, 'build', 'bench') : path.join(root, 'docs', 'bench');
  await mkdir(directory, { recursive: true });
  for (const [part, title] of Object.entries(parts)) {
    const file = path.join(root, 'tests', 'bench', `${part}.ts`);
    const results = path.join(directory, `${part}.json`);
    await step(title, () => run(process.execPath, [file, ...args, '--json', results], { cwd: root }));
  }
}

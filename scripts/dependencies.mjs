// What the crates depend on: nothing that nothing uses, and nothing but the licences and sources of deny.toml.
import { run, step } from './steps.mjs';
import { installTool } from './toolchain.mjs';
import { root } from './worker.mjs';

const machete = { crate: 'cargo-machete', version: '0.9.2', binary: 'cargo-machete' };
const deny = { crate: 'cargo-deny', version: '0.20.2', binary: 'cargo-deny' };

/** Checks both. The tools are built once, in a minute or two. */
export async function checkDependencies() {
  const [findUnused, check] = [await installTool(machete), await installTool(deny)];
  // With cargo's metadata: crates are used by the names of their libraries.
  await step('Looking for dependencies that nothing uses', () => run(findUnused, ['--with-metadata'], { cwd: root }));
  await step('Checking the licences and the sources of the dependencies', () =>
    run(check, ['--locked', 'check', 'licenses', 'bans', 'sources'], { cwd: root }),
  );
}

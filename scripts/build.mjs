// Builds the Worker where `main` of wrangler.toml points, and the package inside pkg/.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { buildPackage } from './build-package.mjs';
import { run, step } from './steps.mjs';
import { installToolchain } from './toolchain.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Builds both. */
export async function build() {
  const toolchain = await installToolchain();
  await buildWorker(toolchain);
  await step('Building the client package', () => buildPackage({ ...packageTools(), wasmBindgen: toolchain.wasmBindgen }));
}

/** Builds the Worker: cargo, wasm-bindgen and wasm-opt by worker-build, then without the names of functions. */
export async function buildWorker({ workerBuild, wasmBindgen }) {
  await step('Building the Worker (the first time takes a few minutes)', async () => {
    const { wasmOpt, esbuild } = packageTools();
    await run(workerBuild, ['--release'], {
      cwd: path.join(root, 'worker'),
      quiet: true,
      env: { WASM_BINDGEN_BIN: wasmBindgen, WASM_OPT_BIN: wasmOpt, ESBUILD_BIN: esbuild },
    });
    const wasm = path.join(root, 'worker', 'build', 'index_bg.wasm');
    await run(process.execPath, [wasmOptScript, '--all-features', '-Oz', '--strip-debug', wasm, '-o', wasm], { quiet: true });
    const { size } = await stat(wasm);
    const gzip = gzipSync(await readFile(wasm), { level: 9 }).length;
    console.log(`  index_bg.wasm: ${Math.round(size / 1024)} KB, ${Math.round(gzip / 1024)} KB gzip`);
  });
}

const bin = (name) =>
  path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const wasmOptScript = path.join(root, 'node_modules', 'binaryen', 'bin', 'wasm-opt');

function packageTools() {
  return { wasmOpt: bin('wasm-opt'), esbuild: bin('esbuild'), cargo: 'cargo' };
}

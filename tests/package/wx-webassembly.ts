// WXWebAssembly as the strictest phone has it.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

const WASM_OPT = fileURLToPath(new URL('../../node_modules/binaryen/bin/wasm-opt', import.meta.url));

/** The platform's object over a code package. Old developer tools resolve to `{instance}`, phones to the instance. */
export function wxWebAssembly(packageFolder: string, { resolvesTo = 'instance' }: { resolvesTo?: 'instance' | 'both' } = {}) {
  return {
    async instantiate(path: unknown, imports: unknown) {
      if (typeof path !== 'string' || !/\.wasm(\.br)?$/.test(path))
        throw new TypeError('instantiate takes the path of a .wasm or .wasm.br file');
      // Some versions of Android end the app here.
      if (typeof imports !== 'object' || imports === null) throw new TypeError('instantiate takes an object of imports');
      const file = join(packageFolder, ...path.split('/'));
      if (!file.startsWith(packageFolder) || !existsSync(file)) throw new Error(`instantiate: file not found: ${path}`);
      const bytes = path.endsWith('.br') ? brotliDecompressSync(readFileSync(file)) : readFileSync(file);
      assertOldFeaturesOnly(file, bytes);
      const instance = await WebAssembly.instantiate(await WebAssembly.compile(bytes), imports as WebAssembly.Imports);
      return resolvesTo === 'both' ? { instance } : instance;
    },
  };
}

const checked = new Set<string>();

/** The features of the oldest engine that a current base library runs on, and no exported Global, which iOS lacks. */
function assertOldFeaturesOnly(file: string, bytes: NodeJS.ArrayBufferView<ArrayBuffer>): void {
  if (checked.has(file)) return;
  execFileSync(process.execPath, [WASM_OPT, '--mvp-features', '--enable-mutable-globals', '-', '-o', devNull], {
    input: bytes,
    stdio: 'pipe',
  });
  const globals = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).filter(({ kind }) => kind === 'global');
  if (globals.length > 0) throw new Error(`a Global cannot be exported: ${globals.map(({ name }) => name).join(', ')}`);
  checked.add(file);
}

import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

const WASM = 'static/wxedge.wasm';
const PURE = 'wxedge-pure.js';
// As scripts/build-package.mjs writes it into dist/weixin.js.
const IMPORT_OF_PURE = 'import(/* webpackMode: "eager" */ "./pure.js")';

/**
 * The plugin, given the folder of the package. A build for the web needs nothing. In one for mini programs `wxedge`
 * becomes `wxedge/weixin`, whose wasm goes into the code package, and whose pure build stays a file of its own, which
 * is evaluated only where it is needed.
 */
export function pluginOf(folder) {
  return (options) => {
    const platform = process.env.UNI_PLATFORM || 'h5';
    if (!platform.startsWith('mp-')) return { name: 'wxedge' };
    const withPure = !options || options.pure !== false;
    return {
      name: 'wxedge',
      enforce: 'pre',
      config: () => ({
        resolve: { alias: [{ find: /^wxedge$/, replacement: 'wxedge/weixin' }] },
        define: { __WXEDGE_WASM__: JSON.stringify(`/${WASM}`) },
      }),
      // uni-app makes a text of every `import()` in a mini program.
      transform: (code) => (code.includes(IMPORT_OF_PURE) ? code.replace(IMPORT_OF_PURE, `require('./${PURE}')`) : null),
      async generateBundle(_options, bundle) {
        // Only WeChat's mini programs load wasm from their package; the others take the pure build.
        if (platform === 'mp-weixin') {
          this.emitFile({ type: 'asset', fileName: WASM, source: await readFile(join(folder, 'dist', 'wxedge.wasm')) });
        }
        if (!withPure) return;
        const source = await readFile(join(folder, 'miniprogram_dist', 'pure.js'));
        for (const fileName of filesBeside(bundle)) this.emitFile({ type: 'asset', fileName, source });
      },
    };
  };
}

/** Where the pure build is looked for: beside each script that asks for it. */
function filesBeside(bundle) {
  const scripts = Object.values(bundle).filter((output) => output.type === 'chunk' && output.code.includes(PURE));
  return new Set(scripts.map((script) => posix.join(posix.dirname(script.fileName), PURE)));
}

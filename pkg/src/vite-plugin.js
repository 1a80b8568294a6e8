const WASM = 'static/wxedge.wasm';

/**
 * The plugin, given a reader of the wasm. In a build for mini programs `wxedge` becomes `wxedge/weixin`, and the wasm
 * goes into the code package; a build for the web needs neither.
 */
export function pluginWith(readWasm) {
  return () => {
    const platform = process.env.UNI_PLATFORM || 'h5';
    if (!platform.startsWith('mp-')) return { name: 'wxedge' };
    return {
      name: 'wxedge',
      enforce: 'pre',
      config: () => ({
        resolve: { alias: [{ find: /^wxedge$/, replacement: 'wxedge/weixin' }] },
        define: { __WXEDGE_WASM__: JSON.stringify(`/${WASM}`) },
      }),
      async generateBundle() {
        // Only WeChat's mini programs load wasm from their package; the others take the pure build.
        if (platform === 'mp-weixin') this.emitFile({ type: 'asset', fileName: WASM, source: await readWasm() });
      },
    };
  };
}

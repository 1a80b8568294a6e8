/**
 * For uni-app: makes `import … from 'wxedge'` work in mini programs and H5. In a mini program build it takes the entry
 * `wxedge/weixin` and puts the wasm under `static/`. 用于 uni-app：小程序与 H5 均可直接 import，无需其他配置。
 *
 * ```js
 * // vite.config.js
 * import uni from '@dcloudio/vite-plugin-uni';
 * import wxedge from 'wxedge/vite';
 *
 * export default { plugins: [uni(), wxedge()] };
 * ```
 */
export default function wxedge(): WxedgePlugin;

/** A plugin of Vite, in words that need no Vite. Vite 插件。 */
export interface WxedgePlugin {
  name: string;
  enforce?: 'pre';
  config?: () => object;
  generateBundle?: (this: any) => Promise<void>;
}

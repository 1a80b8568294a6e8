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
export default function wxedge(options?: WxedgePluginOptions): WxedgePlugin;

export interface WxedgePluginOptions {
  /**
   * Whether a mini program gets the pure build too, about 90 KB, for phones without WXWebAssembly: base libraries
   * before 2.13.0, of 2020. True by default. 是否打包纯 JavaScript 版本，用于没有 WXWebAssembly 的旧基础库，默认打包。
   */
  pure?: boolean;
}

/** A plugin of Vite, in words that need no Vite. Vite 插件。 */
export interface WxedgePlugin {
  name: string;
  enforce?: 'pre';
  config?: () => object;
  generateBundle?: (this: any) => Promise<void>;
}

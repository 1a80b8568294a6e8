const { IgnorePlugin } = require('webpack');

module.exports = {
  projectName: 'wxedge-example-taro',
  framework: 'react',
  compiler: 'webpack5',
  plugins: ['@tarojs/plugin-framework-react', '@tarojs/plugin-platform-weapp'],
  sourceRoot: 'src',
  outputRoot: 'dist',
  designWidth: 375,
  deviceRatio: { 375: 2, 750: 1 },
  // Mini programs load wasm from their code package alone.
  copy: { patterns: [{ from: 'node_modules/wxedge/dist/wxedge.wasm', to: 'dist/static/wxedge.wasm' }] },
  mini: {
    // The same module as JavaScript, for phones without WXWebAssembly (base libraries before 2.13.0, of 2020), would be
    // in a script that every phone loads: 87 KB.
    webpackChain(chain) {
      chain.plugin('wxedge').use(IgnorePlugin, [{ resourceRegExp: /^\.\/pure\.js$/, contextRegExp: /wxedge/ }]);
    },
  },
};

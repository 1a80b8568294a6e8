export default defineAppConfig({
  pages: ['pages/index/index', 'pages/phone/phone'],
  window: { navigationBarTitleText: 'wxedge', navigationBarBackgroundColor: '#ffffff', navigationBarTextStyle: 'black' },
  lazyCodeLoading: 'requiredComponents',
});

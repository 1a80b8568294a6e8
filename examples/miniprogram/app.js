const { keepLaunch } = require('./launch.js');

App({
  // A cold start calls both with the same options; a hot one, such as a second scan, only onShow.
  onLaunch: keepLaunch,
  onShow: keepLaunch,
});

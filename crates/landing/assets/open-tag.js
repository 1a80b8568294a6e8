(function () {
  var tag = document.getElementById('tag');
  var help = document.getElementById('help');
  var data = tag.dataset;
  var timer = setTimeout(guide, 5000);
  function guide() {
    help.open = true;
  }
  function fail() {
    clearTimeout(timer);
    tag.hidden = true;
    guide();
  }
  tag.addEventListener('ready', function () {
    clearTimeout(timer);
  });
  tag.addEventListener('error', fail);
  document.addEventListener('WeixinOpenTagsError', fail);
  if (!window.wx || !wx.config) return fail();
  wx.error(fail);
  wx.config({
    appId: data.appid,
    timestamp: +data.timestamp,
    nonceStr: data.nonce,
    signature: data.signature,
    // WeChat wants one at least, whichever.
    jsApiList: ['chooseImage'],
    openTagList: ['wx-open-launch-weapp']
  });
})();

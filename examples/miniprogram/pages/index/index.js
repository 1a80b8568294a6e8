const { buildPath, phonePage } = require('wxedge');
const { currentLaunch } = require('../../launch.js');
const { session } = require('../../session.js');

const HERE = '/pages/index/index';

Page({
  data: { from: '', params: '', message: '' },

  async onShow() {
    const { from, params } = await currentLaunch();
    this.setData({ from, params: JSON.stringify(params) });
  },

  async logIn() {
    try {
      this.setData({ message: `openid ${(await session()).openid}` });
    } catch (error) {
      this.setData({ message: `${error.code}: ${error.message}` });
    }
  },

  askForPhone() {
    wx.navigateTo({ url: phonePage('/pages/phone/phone', { from: HERE, redirect: HERE }) });
  },

  goShopping() {
    wx.navigateTo({ url: '/pages/shop/shop' });
  },

  onShareAppMessage() {
    return { title: 'wxedge', path: buildPath(HERE, { from: 'share' }) };
  },
});

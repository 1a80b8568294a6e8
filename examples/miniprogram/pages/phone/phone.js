const { parseLaunch, phoneResult, ready } = require('wxedge');
const { phoneNumber } = require('../../session.js');

// A page of its own: it is told where the user came from, for a refusal, and where to go on, for a consent.
Page({
  data: { message: '' },

  async onLoad(query) {
    await ready();
    this.came = parseLaunch({ query }).query;
  },

  async answered({ detail }) {
    await ready();
    const result = phoneResult(detail);
    if (result.refused) return wx.navigateBack();
    if (!result.code) return this.setData({ message: result.out_of_quota ? '验证次数已用完' : result.failed });
    try {
      const { purePhoneNumber } = await phoneNumber(result.code);
      wx.setStorageSync('phone', purePhoneNumber);
      wx.redirectTo({ url: this.came.redirect });
    } catch (error) {
      this.setData({ message: `${error.code}: ${error.message}` });
    }
  },
});

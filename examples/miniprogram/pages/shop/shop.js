const { buy, orderState } = require('../../shop.js');

const STATES = {
  created: '下单中',
  paying: '待支付',
  paid: '已支付',
  closed: '已关闭',
  refunding: '退款中',
  partially_refunded: '部分退款',
  refunded: '已退款',
};

Page({
  data: { quantity: 1, order: '', message: '' },

  less() {
    this.setData({ quantity: Math.max(1, this.data.quantity - 1) });
  },

  more() {
    this.setData({ quantity: this.data.quantity + 1 });
  },

  async pay() {
    try {
      const { out_trade_no: order, result } = await buy('tea', this.data.quantity);
      this.setData({ order });
      if (result.failed) this.setData({ message: result.failed });
      else await this.ask();
    } catch (error) {
      this.setData({ message: `${error.code}: ${error.message}` });
    }
  },

  async ask() {
    try {
      const state = await orderState(this.data.order);
      this.setData({ message: STATES[state] || '处理中，有问题请联系客服' });
    } catch (error) {
      this.setData({ message: `${error.code}: ${error.message}` });
    }
  },
});

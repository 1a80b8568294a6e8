// The entry of the Worker: the headers that anybody reads, and the classes of the Durable Objects. `npm run build` puts it
// beside the scripts of crates/edge and the glue that wasm-bindgen makes.
import { durableObject, worker } from './edge.js';

export default worker({
  headers: {
    // Who logs in is bounded by his address, whatever else he shows.
    always: ['origin', 'cf-connecting-ip'],
    withBody: ['content-type'],
    // Other deployments, which ask for the token, show a key.
    withAuthorization: ['wxedge-asks-for'],
    // Pages are opened without one.
    withoutAuthorization: ['accept', 'accept-language', 'user-agent'],
    // What signs a notification of WeChat Pay.
    below: {
      '/v1/pay/notify/': ['wechatpay-timestamp', 'wechatpay-nonce', 'wechatpay-signature', 'wechatpay-serial', 'wechatpay-signature-type'],
    },
  },
  // Uploads are read when their sender is let in, and sent on from outside.
  outside: [
    '/v1/wechat/',
    '/cgi-bin/',
    '/cityservice/',
    '/customservice/',
    '/cv/',
    '/datacube/',
    '/donut/',
    '/intp/',
    '/marketing/',
    '/redpacketcover/',
    '/retail/',
    '/sns/',
    '/tcb/',
    '/wxa/',
    '/wxaapi/',
    '/wxadrama/',
    '/xpay/',
  ],
});

export const TokenKeeper = durableObject('TokenKeeper');
export const Sessions = durableObject('Sessions');
export const Makers = durableObject('Makers');
export const Events = durableObject('Events');
export const Orders = durableObject('Orders');

// What npm start prints when it serves: where, and the first commands to paste.
import { sandboxKey } from './local.mjs';

/**
 * The welcome of a Worker whose WeChat is the sandbox.
 *
 * @param {{ url: string, sandbox: string, pay: string, openid: string }} places `openid` of the user who orders
 */
export function welcomeToSandbox(places) {
  const { url, sandbox, pay } = places;
  const commands = process.platform === 'win32' ? powershellCommands(places) : shellCommands(places);
  const shell = process.platform === 'win32' ? 'PowerShell' : 'another terminal';
  return `
wxedge is ready at ${url}
Its WeChat is the sandbox at ${sandbox}/sandbox, its WeChat Pay at ${pay}

Paste into ${shell}:

  # log in as a sandbox user
  ${commands.login}

  # fetch a phone number
  ${commands.phone}

  # save a code image
  ${commands.image}

  # make a scheme that opens the mini program
  ${commands.scheme}

  # name a link, then open ${url}/go/demo?id=42 in a browser
  ${commands.link}

  # have a customer write a message: it is pushed, and printed here as the receiver gets it
  ${commands.push}

  # order tea for the user, then open ${pay}/sandbox/cashier?out_trade_no=${ORDER} in a browser, and pay
  ${commands.order}

  # see what has become of the order
  ${commands.orderState}

  # refund half of it
  ${commands.refund}

Ctrl-C stops everything. The routes are in README.md.
`;
}

/** The welcome of a Worker whose WeChat is WeChat. */
export function welcomeToWechat(url, { WECHAT_APPID: appid, WECHAT_API_BASE: base = 'https://api.weixin.qq.com' }) {
  return `
wxedge is ready at ${url}
It is the backend of ${appid}, and its WeChat is ${base}: calls count against the account's quotas.

Give the address to your mini program in the developer tools (tick 不校验合法域名), and POST what wx.login gives to /v1/login.

Ctrl-C stops everything. The routes are in README.md.
`;
}

const ORDER = 'tea-0001';

const bodies = {
  image: '{"scene":"id=42","page":"pages/index/index"}',
  scheme: '{"jump_wxa":{"path":"pages/index/index","query":"id=42"},"expire_type":1,"expire_interval":30}',
  link: '{"path":"pages/index/index","allow":["id"],"title":"wxedge"}',
  push: '{"event":"text","user":"alice","fields":{"Content":"hello"}}',
  order: (openid) => `{"out_trade_no":"${ORDER}","description":"tea","amount":88,"openid":"${openid}"}`,
  refund: `{"out_refund_no":"${ORDER}-1","amount":44}`,
};

function shellCommands({ url, sandbox, openid }) {
  const json = '-H "Content-Type: application/json"';
  const key = `-H "Authorization: Bearer ${sandboxKey}"`;
  // In double quotes, so that the shell puts the fresh code in: it lives five minutes and works once.
  const fresh = (kind) => `-d "{\\"code\\":\\"$(curl -s -X POST '${sandbox}/sandbox/${kind}?format=text')\\"}"`;
  return {
    login: `curl -s ${url}/v1/login ${json} ${fresh('login-codes')}`,
    phone: `curl -s ${url}/v1/phone ${json} ${key} ${fresh('phone-codes')}`,
    image: `curl -s ${url}/v1/wxacode/unlimited ${json} ${key} -d '${bodies.image}' -o code.jpg`,
    scheme: `curl -s ${url}/v1/scheme ${json} ${key} -d '${bodies.scheme}'`,
    link: `curl -s -X PUT ${url}/v1/links/demo ${json} ${key} -d '${bodies.link}'`,
    push: `curl -s ${sandbox}/sandbox/pushes ${json} -d '${bodies.push}'`,
    order: `curl -s ${url}/v1/pay/orders ${json} ${key} -d '${bodies.order(openid)}'`,
    orderState: `curl -s ${url}/v1/pay/orders/${ORDER} ${key}`,
    refund: `curl -s ${url}/v1/pay/orders/${ORDER}/refunds ${json} ${key} -d '${bodies.refund}'`,
  };
}

function powershellCommands({ url, sandbox, openid }) {
  const code = (kind) => `@{code=(irm -Method Post "${sandbox}/sandbox/${kind}?format=text")} | ConvertTo-Json`;
  const send = (method, path) => `irm ${url}${path} -Method ${method} -ContentType application/json`;
  const post = (path) => send('Post', path);
  const key = `-Headers @{Authorization="Bearer ${sandboxKey}"}`;
  return {
    login: `${post('/v1/login')} -Body (${code('login-codes')})`,
    phone: `${post('/v1/phone')} ${key} -Body (${code('phone-codes')})`,
    image: `${post('/v1/wxacode/unlimited')} ${key} -Body '${bodies.image}' -OutFile code.jpg`,
    scheme: `${post('/v1/scheme')} ${key} -Body '${bodies.scheme}'`,
    link: `${send('Put', '/v1/links/demo')} ${key} -Body '${bodies.link}'`,
    push: `irm ${sandbox}/sandbox/pushes -Method Post -ContentType application/json -Body '${bodies.push}'`,
    order: `${post('/v1/pay/orders')} ${key} -Body '${bodies.order(openid)}'`,
    orderState: `irm ${url}/v1/pay/orders/${ORDER} ${key}`,
    refund: `${post(`/v1/pay/orders/${ORDER}/refunds`)} ${key} -Body '${bodies.refund}'`,
  };
}

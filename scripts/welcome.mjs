// What npm start prints when it serves: where, and the first commands to paste.
import { sandboxKey } from './local.mjs';

/** The welcome of a Worker whose WeChat is the sandbox. */
export function welcomeToSandbox(url, sandbox) {
  const commands = process.platform === 'win32' ? powershellCommands(url, sandbox) : shellCommands(url, sandbox);
  const shell = process.platform === 'win32' ? 'PowerShell' : 'another terminal';
  return `
wxedge is ready at ${url}
Its WeChat is the sandbox at ${sandbox}/sandbox

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

const bodies = {
  image: '{"scene":"id=42","page":"pages/index/index"}',
  scheme: '{"jump_wxa":{"path":"pages/index/index","query":"id=42"},"expire_type":1,"expire_interval":30}',
  link: '{"path":"pages/index/index","allow":["id"],"title":"wxedge"}',
  push: '{"event":"text","user":"alice","fields":{"Content":"hello"}}',
};

function shellCommands(url, sandbox) {
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
  };
}

function powershellCommands(url, sandbox) {
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
  };
}

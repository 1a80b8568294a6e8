// npm start: the Worker on the real runtime, with the sandbox as its WeChat.
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';

import { startSandbox } from '../sandbox/src/sandbox.ts';
import { buildWorker } from './build.mjs';
import { Failure, step } from './steps.mjs';
import { installToolchain } from './toolchain.mjs';
import { startWorker } from './worker.mjs';

const usage = 'Usage: npm start -- [--port 8787] [--sandbox-port 8788] [--no-build]';

// The sandbox's own account, and credentials that are worth nothing anywhere else.
const vars = {
  WECHAT_APPID: 'wx0123456789abcdef',
  WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
  SESSION_SECRET: 'only-for-the-sandbox-on-this-machine',
  API_KEYS: 'sandbox:only-for-the-sandbox-on-this-machine',
};
const apiKey = 'only-for-the-sandbox-on-this-machine';

/** Serves until Ctrl-C. */
export async function start(args) {
  const { port, sandboxPort, build } = parseOptions(args);
  await checkFree(port, '--port');
  await checkFree(sandboxPort, '--sandbox-port');
  if (build) await buildWorker(await installToolchain());
  const { worker, sandbox } = await step('Starting the sandbox and the Worker', () => serve(port, sandboxPort));
  printWelcome(worker.url, sandbox.url);
  await interrupted();
  console.log('\nStopping.');
  await worker.close();
  await sandbox.close();
}

function parseOptions(args) {
  const options = {
    port: { type: 'string', default: '8787' },
    'sandbox-port': { type: 'string' },
    // Serves what the last build made.
    'no-build': { type: 'boolean', default: false },
  };
  let values;
  try {
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw new Failure(`${error.message} ${usage}`);
  }
  const port = parsePort(values.port, '--port');
  const sandboxPort = values['sandbox-port'] ? parsePort(values['sandbox-port'], '--sandbox-port') : port + 1;
  if (sandboxPort === port) throw new Failure(`--sandbox-port must be another port than --port. ${usage}`);
  return { port, sandboxPort, build: !values['no-build'] };
}

function parsePort(text, option) {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65534) throw new Failure(`${option} must be 1 to 65534. ${usage}`);
  return port;
}

/** Says at once, before anything is built, that a port is taken. */
function checkFree(port, option) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(new Failure(isTaken ? takenPort(port, option) : `Port ${port} cannot be used (${error.code}).`));
    });
    server.listen(port, '127.0.0.1', () => server.close(resolve));
  });
}

async function serve(port, sandboxPort) {
  const sandbox = await startSandbox({ port: sandboxPort });
  try {
    const settings = { ...vars, WECHAT_API_BASE: sandbox.url };
    const worker = await startWorker({ port, vars: settings, log: (line) => console.log(line) });
    return { worker, sandbox };
  } catch (error) {
    await sandbox.close();
    throw startFailure(error, port);
  }
}

/** What the user can do about a Worker that does not start, where that is known. */
function startFailure(error, port) {
  if (error.code === 'ENOENT') return new Failure('Nothing is built yet: run npm start without --no-build.');
  if (/EADDRINUSE|Address already in use/i.test(error.message)) return new Failure(takenPort(port, '--port'));
  return error;
}

const takenPort = (port, option) => `Port ${port} is taken: choose another with npm start -- ${option} <port>.`;

function printWelcome(url, sandbox) {
  const commands = process.platform === 'win32' ? powershellCommands(url, sandbox) : shellCommands(url, sandbox);
  const shell = process.platform === 'win32' ? 'PowerShell' : 'another terminal';
  console.log(`
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

Ctrl-C stops everything. The routes are in README.md.
`);
}

const bodies = {
  image: '{"scene":"id=42","page":"pages/index/index"}',
  scheme: '{"jump_wxa":{"path":"pages/index/index","query":"id=42"},"expire_type":1,"expire_interval":30}',
  link: '{"path":"pages/index/index","allow":["id"],"title":"wxedge"}',
};

function shellCommands(url, sandbox) {
  const json = '-H "Content-Type: application/json"';
  const key = `-H "Authorization: Bearer ${apiKey}"`;
  // In double quotes, so that the shell puts the fresh code in: it lives five minutes and works once.
  const fresh = (kind) => `-d "{\\"code\\":\\"$(curl -s -X POST '${sandbox}/sandbox/${kind}?format=text')\\"}"`;
  return {
    login: `curl -s ${url}/v1/login ${json} ${fresh('login-codes')}`,
    phone: `curl -s ${url}/v1/phone ${json} ${key} ${fresh('phone-codes')}`,
    image: `curl -s ${url}/v1/wxacode/unlimited ${json} ${key} -d '${bodies.image}' -o code.jpg`,
    scheme: `curl -s ${url}/v1/scheme ${json} ${key} -d '${bodies.scheme}'`,
    link: `curl -s -X PUT ${url}/v1/links/demo ${json} ${key} -d '${bodies.link}'`,
  };
}

function powershellCommands(url, sandbox) {
  const code = (kind) => `@{code=(irm -Method Post "${sandbox}/sandbox/${kind}?format=text")} | ConvertTo-Json`;
  const send = (method, path) => `irm ${url}${path} -Method ${method} -ContentType application/json`;
  const post = (path) => send('Post', path);
  const key = `-Headers @{Authorization="Bearer ${apiKey}"}`;
  return {
    login: `${post('/v1/login')} -Body (${code('login-codes')})`,
    phone: `${post('/v1/phone')} ${key} -Body (${code('phone-codes')})`,
    image: `${post('/v1/wxacode/unlimited')} ${key} -Body '${bodies.image}' -OutFile code.jpg`,
    scheme: `${post('/v1/scheme')} ${key} -Body '${bodies.scheme}'`,
    link: `${send('Put', '/v1/links/demo')} ${key} -Body '${bodies.link}'`,
  };
}

function interrupted() {
  for (const signal of ['SIGTERM', 'SIGHUP', 'disconnect']) process.removeAllListeners(signal);
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
    process.once('disconnect', resolve);
  });
}

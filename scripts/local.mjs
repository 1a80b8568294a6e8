// The Worker on this machine: with the sandbox as its WeChat, or with WeChat itself.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';

import { startSandbox } from '../sandbox/src/sandbox.ts';
import { startReceiver } from './receiver.mjs';
import { Failure } from './steps.mjs';
import { startWorker } from './worker.mjs';

/** An API key for the sandbox. It is worth nothing anywhere else. */
export const sandboxKey = 'only-for-the-sandbox-on-this-machine';

/** What the sandbox's account has in the console under message push. */
const push = { token: 'onlyForTheSandbox', encoding_aes_key: 'onlyForTheSandboxOnThisMachine0123456789ABC' };

// The sandbox's own account.
const sandboxVars = {
  WECHAT_APPID: 'wx0123456789abcdef',
  WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
  SESSION_SECRET: 'only-for-the-sandbox-on-this-machine',
  API_KEYS: `sandbox[codes,links,token,phone,admin,events,pay]:${sandboxKey}`,
  PUSH_TOKEN: push.token,
  PUSH_AES_KEY: push.encoding_aes_key,
  WEBHOOK_SECRET: `whsec_${Buffer.from(sandboxKey).toString('base64')}`,
};

// Where the servers of web projects listen unless told otherwise: Vite (the next port when one is taken) and its preview,
// webpack and Vue CLI, Next and Nuxt, Angular, Taro, Live Server, Python.
const pagePorts = [5173, 5174, 5175, 5176, 5177, 4173, 4174, 4175, 8080, 8081, 3000, 3001, 4200, 10086, 5500, 8000];

/** The origins of the pages of this machine, which may call. */
const localOrigins = pagePorts.flatMap((port) => [`http://localhost:${port}`, `http://127.0.0.1:${port}`]);

/** The links of the examples, by name. */
const exampleLinks = {
  goods: { path: 'pages/index/index', allow: ['id'], title: '商品' },
  welcome: { path: 'pages/index/index', title: '首页' },
};

/** The product of the examples. */
const exampleProduct = { description: '龙井 50 克', amount: 88, max_quantity: 99 };

/**
 * Serves the Worker with the sandbox as its WeChat and WeChat Pay, and a receiver that prints its events.
 *
 * @param {{ port?: number, sandboxPort?: number, origins?: string[], anyCodeUser?: string, log?: (line: string) => void }} options
 *   ports are free ones unless given; pages of `origins` may call, besides those of this machine at the usual ports
 */
export async function serveWithSandbox({ port = 0, sandboxPort = 0, origins, anyCodeUser, log } = {}) {
  const sandbox = await startSandbox({ port: sandboxPort, payPort: 0, anyCodeUser });
  const receiver = await startReceiver(log ?? ((line) => console.log(line)));
  try {
    // WeChat Pay has to be told where it finds the Worker, before that is started.
    const ownPort = port === 0 ? await freePort() : port;
    const own = { PUBLIC_URL: `http://127.0.0.1:${ownPort}`, WEBHOOK_URL: receiver.url };
    const vars = { ...sandboxVars, ...sandbox.pay.settings(), ...own, WECHAT_API_BASE: sandbox.url };
    const worker = await serve({ port: ownPort, origins, log, vars });
    await sandbox.setPush({ ...push, url: `${worker.url}/v1/push` });
    await put(worker.url, '/v1/pay/products/tea', sandboxKey, exampleProduct);
    const close = () => Promise.all([worker.close(), receiver.close()]);
    return { worker: { ...worker, close }, sandbox };
  } catch (error) {
    await receiver.close();
    await sandbox.close();
    throw error;
  }
}

/**
 * Serves the Worker with these settings, and makes the links of the examples.
 *
 * @param {{ port?: number, origins?: string[], log?: (line: string) => void, vars: Record<string, string> }} options as above
 */
export async function serve({ port = 0, origins = [], log = (line) => console.log(line), vars }) {
  // A key of this run alone: the settings may have none that makes links.
  const key = randomBytes(24).toString('hex');
  const list = (...entries) => entries.filter(Boolean).join(',');
  const settings = {
    ...vars,
    ALLOWED_ORIGINS: list(vars.ALLOWED_ORIGINS, ...localOrigins, ...origins),
    API_KEYS: list(vars.API_KEYS, `npm-start[links]:${key}`),
  };
  const worker = await startWorker({ port, vars: settings, log });
  try {
    await checkHealth(worker.url);
    await makeLinks(worker.url, key);
    return worker;
  } catch (error) {
    await worker.close();
    throw error;
  }
}

/** Names every setting that is wrong. */
async function checkHealth(url) {
  const response = await fetch(`${url}/v1/health`);
  const { settings: _, ...wrong } = (await response.json()).checks;
  if (!response.ok)
    throw new Failure(
      `The Worker refuses its settings:\n${Object.values(wrong)
        .map((line) => `  ${line}`)
        .join('\n')}`,
    );
}

async function makeLinks(url, key) {
  for (const [name, link] of Object.entries(exampleLinks)) {
    await put(url, `/v1/links/${name}`, key, link);
  }
}

/** Stores what the examples need. */
async function put(url, path, key, body) {
  const response = await fetch(`${url}${path}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Failure(`${path} of the examples cannot be made: ${await response.text()}`);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

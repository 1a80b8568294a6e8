// The recipes of docs/token.md with the SDKs of others, as both are published: the code is taken from the document.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { installSdks } from '../../scripts/package-tools.mjs';
import { installPythonPackages } from '../../scripts/python-packages.mjs';
import { CLASSIC, STABLE, type Deployment, startDeployment } from '../token/deployment.ts';
import { appid, secrets } from '../support/wxedge.ts';

const CREATE = '/cgi-bin/wxaapp/createwxaqrcode';
const PAGE = 'pages/index/index';
/** The recipes by the names of their files. */
const JS = ['edge-token.mjs', 'edge-app.mjs', 'edge-api.mjs'];
const PY = 'edge_client.py';

let here: Deployment;
let directory: string;

before(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'wxedge-recipes-'));
  await symlink(path.join(await installSdks(), 'node_modules'), path.join(directory, 'node_modules'), 'junction');
  const document = await readFile(new URL('../../docs/token.md', import.meta.url), 'utf8');
  const blocks = [...document.matchAll(/```(js|python)\n([^]*?)```/g)].map(([, language, code]) => ({ language, code }));
  for (const name of JS) await writeRecipe(name, blocks.find(({ code }) => code?.startsWith(`// ${name}\n`))?.code);
  await writeRecipe(PY, blocks.find(({ language }) => language === 'python')?.code);
});

after(() => rm(directory, { recursive: true, force: true }));

beforeEach(async () => {
  here = await startDeployment();
});
afterEach(() => here.close());

async function writeRecipe(name: string, code: string | undefined): Promise<void> {
  assert.ok(code, `docs/token.md has ${name}`);
  await writeFile(path.join(directory, name), code);
}

async function load(name: string): Promise<any> {
  return import(pathToFileURL(path.join(directory, name)).href);
}

/** Makes a code image and gives its bytes; throws where WeChat refuses. */
type Make = () => Promise<Uint8Array>;

/** What each recipe has to do, with so many calls at once. */
async function keepsTheRules(make: Make, atOnce: number): Promise<void> {
  const all = async (): Promise<void> => {
    for (const image of await Promise.all(Array.from({ length: atOnce }, make))) assert.deepEqual([...image.slice(0, 2)], [0xff, 0xd8]);
  };
  await all();
  assert.equal(here.count(STABLE), 1);
  for (let kills = 1; kills <= 2; kills += 1) {
    here.sandbox.killTokens();
    await all();
    assert.equal(here.count(STABLE), 1 + kills, 'one question for all who were refused');
  }
  assert.equal(here.count(CLASSIC), 0, 'the SDK never asks WeChat for a token');
  const images = here.count(CREATE);
  here.sandbox.addFault({ kind: 'errcode', errcode: 40001, path: CREATE, times: 0 });
  await assert.rejects(make);
  assert.ok(here.count(CREATE) <= images + 2, 'a call is made once more, not again and again');
  here.sandbox.clearFaults();
}

describe('the recipe for', () => {
  test('node-easywechat', async () => {
    const { edgeApp } = await load('edge-app.mjs');
    const app = edgeApp({ app_id: appid, http: { baseURL: here.sandbox.url } }, here.url, secrets.API_KEY);
    const make = async (): Promise<Uint8Array> => {
      const response = await app.getClient().request('post', CREATE, { json: { path: PAGE }, responseType: 'arraybuffer' });
      const content = response.getContent() as unknown;
      if (Buffer.isBuffer(content) && content[0] !== 0x7b) return content;
      throw new Error(`WeChat refuses: ${String(content)}`);
    };
    await keepsTheRules(make, 10);
  });

  test('co-wechat-api', async () => {
    const { EdgeAPI } = await load('edge-api.mjs');
    const api = new EdgeAPI(appid, here.url, secrets.API_KEY);
    api.prefix = `${here.sandbox.url}/cgi-bin/`;
    await keepsTheRules(() => api.createWXAQRCode(PAGE), 10);
  });

  test('wechatpy', async (context) => {
    const python = await startPython(context);
    await keepsTheRules(python, 1);
  });
});

/** A Python that makes a code image for each line that it reads. */
const PROGRAM = `
import sys
from edge_client import EdgeClient

appid, wxedge, key, wechat, path = sys.argv[1:]
client = EdgeClient(appid, wxedge, key)
client.wxa.API_BASE_URL = wechat + '/'
for line in sys.stdin:
    try:
        print(client.wxa.create_qrcode(path).content.hex(), flush=True)
    except Exception as error:
        print('failed:', error, flush=True)
`;

async function startPython(context: { after(end: () => unknown): void }): Promise<Make> {
  const args = ['-c', PROGRAM, appid, here.url, secrets.API_KEY, here.sandbox.url, PAGE];
  const child = spawn(await installPythonPackages(), args, {
    env: { ...process.env, PYTHONPATH: directory, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  context.after(() => child.kill());
  const lines = createInterface({ input: child.stdout });
  return async () => {
    child.stdin.write('\n');
    const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => ['failed: it ended'])])) as [string];
    if (line.startsWith('failed:')) throw new Error(line);
    return Buffer.from(line, 'hex');
  };
}

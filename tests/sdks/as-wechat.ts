// The SDKs of docs/migrate.md, each in a process of its own that has no AppSecret: the code is taken from the document.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';

import { installSdks } from '../../scripts/package-tools.mjs';
import { installPythonPackages } from '../../scripts/python-packages.mjs';
import { appid } from '../support/wxedge.ts';

export const SDKS = ['node-easywechat', 'co-wechat-api', 'wechatpy'] as const;
export type Sdk = (typeof SDKS)[number];

/** What every one of them can be told to do, a line each, with what it answers. */
export type Task =
  /** The openid. */
  | { task: 'login'; code: string }
  /** The number. */
  | { task: 'phone'; code: string }
  /** The bytes of a code image, in hex. */
  | { task: 'image' }
  /** A scheme. */
  | { task: 'link' }
  /** The errcode. */
  | { task: 'message'; openid: string; template: string }
  /** The media_id. */
  | { task: 'upload' };

export type Process = {
  /** Gives what it answers; throws what the SDK threw. */
  does(task: Task): Promise<string>;
  /** All that it was given: its arguments and its environment. */
  given: string[];
};

const PAGE = 'pages/index/index';
const SCHEME = { jump_wxa: { path: PAGE, query: 'a=1' }, expire_type: 1, expire_interval: 1 };
const DATA = { thing1: { value: '围巾' } };

const node = (head: string, tasks: string): string => `
import { createInterface } from 'node:readline';
${head}
const tasks = {${tasks}};
for await (const line of createInterface({ input: process.stdin })) {
  const { task, ...given } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ done: String(await tasks[task](given)) }));
  } catch (error) {
    console.log(JSON.stringify({ failed: String(error?.message ?? error) }));
  }
}`;

const PROGRAMS: Record<Sdk, string> = {
  'node-easywechat': node(
    `import { edgeApp } from './edge-easywechat.mjs';
const [wxedge, appid, key] = process.argv.slice(2);
const app = edgeApp(appid, key, wxedge);
const client = app.getClient();
const post = async (url, options) => {
  const reply = (await client.request('post', url, options)).toObject();
  if (reply.errcode) throw new Error(JSON.stringify(reply));
  return reply;
};`,
    `
  login: async ({ code }) => (await app.getUtils().codeToSession(code)).openid,
  phone: async ({ code }) => (await post('/wxa/business/getuserphonenumber', { json: { code } })).phone_info.purePhoneNumber,
  image: async () => {
    const options = { json: { path: '${PAGE}' }, responseType: 'arraybuffer' };
    return Buffer.from((await client.request('post', '/wxa/getwxacode', options)).getContent()).toString('hex');
  },
  link: async () => (await post('/wxa/generatescheme', { json: ${JSON.stringify(SCHEME)} })).openlink,
  message: async ({ openid, template }) => {
    const json = { touser: openid, template_id: template, page: '${PAGE}', data: ${JSON.stringify(DATA)} };
    return (await post('/cgi-bin/message/subscribe/send', { json })).errcode;
  },
  upload: async () => {
    const { default: FormData } = await import('form-data');
    const form = new FormData();
    form.append('media', Buffer.from('picture'), { filename: 'a.png', contentType: 'image/png' });
    return (await post('/cgi-bin/media/upload', { params: { type: 'image' }, formData: form })).media_id;
  },
`,
  ),
  'co-wechat-api': node(
    `import { edgeApi } from './edge-co-wechat.mjs';
const [wxedge, appid, key] = process.argv.slice(2);
const api = edgeApi(appid, key, wxedge);
// All processes of a test wait for the same two cores.
api.setOpts({ timeout: 60_000 });
const post = async (path, body) => {
  const { accessToken } = await api.ensureAccessToken();
  const options = { method: 'POST', headers: { 'Content-Type': 'application/json' }, data: JSON.stringify(body) };
  return api.request(api.wxaPrefix + path + '?access_token=' + accessToken, options);
};`,
    `
  login: async ({ code }) => (await api.code2Session(code)).openid,
  phone: async ({ code }) => (await post('business/getuserphonenumber', { code })).phone_info.purePhoneNumber,
  image: async () => (await api.getWXACode('${PAGE}')).toString('hex'),
  link: async () => (await post('generatescheme', ${JSON.stringify(SCHEME)})).openlink,
  message: async ({ openid, template }) => (await api.sendSubscribeMessage(openid, template, '${PAGE}', ${JSON.stringify(DATA)})).errcode,
  upload: async () => (await api.uploadMedia(Buffer.from('picture'), 'image', 'a.png', 'image/png')).media_id,
`,
  ),
  wechatpy: `
import json
import sys
from migrated import edge_client

wxedge, appid, key = sys.argv[1:]
client = edge_client(appid, key, wxedge)
tasks = {
    'login': lambda code: client.wxa.code_to_session(code)['openid'],
    'phone': lambda code: client.wxa._post('wxa/business/getuserphonenumber', data={'code': code})['phone_info']['purePhoneNumber'],
    'image': lambda: client.wxa.get_wxa_code('${PAGE}').content.hex(),
    'link': lambda: client.wxa._post('wxa/generatescheme', data=json.loads('${JSON.stringify(SCHEME)}'))['openlink'],
    'message': lambda openid, template: client.wxa.send_subscribe_message(openid, template, json.loads('${JSON.stringify(DATA)}'), '${PAGE}')['errcode'],
    'upload': lambda: client.media.upload('image', ('a.png', b'picture', 'image/png'))['media_id'],
}
for line in sys.stdin:
    given = json.loads(line)
    try:
        print(json.dumps({'done': str(tasks[given.pop('task')](**given))}), flush=True)
    except Exception as error:
        print(json.dumps({'failed': str(error)}), flush=True)
`,
};

/** Installs the SDKs and writes the programs. For a whole test file: all processes end after its tests. */
export async function sdks(): Promise<(sdk: Sdk, wxedge: string, key: string) => Process> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'wxedge-migrate-'));
  await symlink(path.join(await installSdks(), 'node_modules'), path.join(directory, 'node_modules'), 'junction');
  const python = await installPythonPackages();
  const document = await readFile(new URL('../../docs/migrate.md', import.meta.url), 'utf8');
  const recipe = (start: string): string => {
    const found = [...document.matchAll(/```\w+\n([^]*?)```/g)].map(([, code = '']) => code).find((code) => code.startsWith(start));
    assert.ok(found, `docs/migrate.md has a recipe that begins with ${start}`);
    return found;
  };
  const files: Record<string, string> = {
    'edge-easywechat.mjs': recipe('// edge-easywechat.mjs\n'),
    'edge-co-wechat.mjs': recipe('// edge-co-wechat.mjs\n'),
    'migrated.py': recipe('from requests.adapters'),
    'node-easywechat.mjs': PROGRAMS['node-easywechat'],
    'co-wechat-api.mjs': PROGRAMS['co-wechat-api'],
    'wechatpy.main.py': PROGRAMS.wechatpy,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text);
  const children: ChildProcess[] = [];
  after(async () => {
    for (const child of children) child.kill();
    await rm(directory, { recursive: true, force: true });
  });
  return (sdk, wxedge, key) => {
    const [command, program] = sdk === 'wechatpy' ? [python, 'wechatpy.main.py'] : [process.execPath, `${sdk}.mjs`];
    const args = [path.join(directory, program), wxedge, appid, key];
    const env = { PATH: process.env['PATH'] ?? '', PYTHONDONTWRITEBYTECODE: '1', PYTHONWARNINGS: 'ignore', NODE_NO_WARNINGS: '1' };
    const child = spawn(command, args, { cwd: directory, env, stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      given: [...args, ...Object.values(env)],
      async does(task) {
        child.stdin.write(`${JSON.stringify(task)}\n`);
        const { value, done } = await lines.next();
        if (done) throw new Error(`${sdk} ended`);
        const answer = JSON.parse(value) as { done?: string; failed?: string };
        if (answer.done === undefined) throw new Error(`${sdk}: ${answer.failed}`);
        return answer.done;
      },
    };
  };
}

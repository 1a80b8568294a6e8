// The proxies of docs/deploy-china.md in front of serve: what they say of the client is believed, what he says himself is not.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { installDebian } from '../../scripts/debian.mjs';
import { until } from '../support/until.ts';
import { folder, serveOwn } from './server.ts';

const document = await readFile(new URL('../../docs/deploy-china.md', import.meta.url), 'utf8');
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(document)?.[1] ?? assert.fail(language);
const server = await serveOwn(await folder());
const home = await folder();
const options = { skip: process.platform !== 'linux' };

test('nginx', options, async () => {
  have('nginx', 'nginx-light');
  const port = await freePort();
  const log = path.join(home, 'access.log');
  const here = block('nginx')
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port};`)
    .replace(/^ *ssl_.*\n/gm, '')
    .replace('/var/log/nginx/wxedge.log', log)
    .replace('/var/log/nginx/wxedge-error.log', path.join(home, 'error.log'))
    .replace('http://127.0.0.1:8787', server.url);
  const config = path.join(home, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${path.join(home, name)};`).join(' ');
  await writeFile(config, `pid ${path.join(home, 'nginx.pid')};\ndaemon off;\nevents {}\nhttp {\n${paths}\n${here}\n}\n`);
  await run('nginx', ['-c', config, '-e', path.join(home, 'start.log')]);
  await believesTheProxyAlone(port);
  const text = await until('it is logged', async () => (await readFile(log, 'utf8')) || undefined);
  assert.match(text, /GET \/client 200/);
  assert.ok(!text.includes('secret'), text);
});

test('Caddy', options, async () => {
  have('caddy', 'caddy');
  const port = await freePort();
  const config = path.join(home, 'Caddyfile');
  const here = block('caddyfile').replace('api.example.com', `http://:${port}`).replace('127.0.0.1:8787', new URL(server.url).host);
  await writeFile(config, `{\n  admin off\n}\n${here}`);
  const printed = await run('caddy', ['run', '--config', config, '--adapter', 'caddyfile']);
  await believesTheProxyAlone(port);
  assert.ok(!printed().includes('secret'), printed());
});

async function believesTheProxyAlone(port: number): Promise<void> {
  const forged = {
    'X-Forwarded-For': '203.0.113.9',
    'CF-Connecting-IP': '203.0.113.9',
    'X-Forwarded-Proto': 'https',
    'X-Real-IP': '203.0.113.9',
  };
  const { ip, url } = await until('it answers', () => client(port, forged).catch(() => undefined));
  // The proxy speaks http here.
  assert.deepEqual([ip, url], ['127.0.0.2', 'http://api.example.com/client?secret=1']);
}

/** Asks through the proxy, from another address than its own. */
function client(port: number, headers: Record<string, string>): Promise<{ ip: string; url: string }> {
  return new Promise((resolve, reject) => {
    const call = {
      host: '127.0.0.1',
      port,
      localAddress: '127.0.0.2',
      path: '/client?secret=1',
      headers: { ...headers, Host: 'api.example.com' },
    };
    http
      .get(call, async (answer) => {
        let text = '';
        for await (const chunk of answer) text += chunk;
        if (answer.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(text));
      })
      .on('error', reject);
  });
}

/** Has a program of Debian's. */
function have(command: string, name: string): void {
  const isThere = () => spawnSync(command, ['version']).error === undefined;
  assert.ok(isThere() || (installDebian(name) && isThere()), `install ${name}`);
}

/** Runs it to the end of the file; gives what it prints. */
async function run(command: string, args: string[]): Promise<() => string> {
  let printed = '';
  const child = spawn(command, args, { env: { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home } });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk));
  after(async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, 'exit');
  });
  return () => printed;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

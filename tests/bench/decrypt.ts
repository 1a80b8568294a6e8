// Decryptions of the published sample per second: through the route and in the crate, beside WebCrypto with a fresh key
// for each call in the same workerd, and beside the decryptor of a published SDK in Node. `--quick` for a short run,
// `--json <file>` to keep the figures.
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { startSandbox } from '../../sandbox/src/sandbox.ts';
import { startWorkers, workerOptions } from '../../scripts/worker.mjs';
import { send } from '../support/call.ts';
import { goodVars } from '../support/wxedge.ts';

const SDK = { name: 'node-easywechat', version: '3.6.2' };
/** As in crates/crypto/examples/open.rs. */
const TIMES = 5000;
const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 2 : 5;
const REQUESTS = quick ? 100 : 1000;
const CONNECTIONS = 16;

type Rate = () => Promise<number>;

const root = fileURLToPath(new URL('../..', import.meta.url));
const vectors = JSON.parse(await readFile(path.join(root, 'tests/data/vectors.json'), 'utf8')) as Record<string, Record<string, string>>;
const sample = vectors['encrypted_data'] as { appid: string; session_key: string; iv: string; encrypted_data: string; plaintext: string };
const data = { encryptedData: sample.encrypted_data, iv: sample.iv };

/** Each Worker at an address of its own. */
const socket = { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] };
const scratch = await mkdtemp(path.join(os.tmpdir(), 'wxedge-bench-'));
const sandbox = await startSandbox();
try {
  await measure();
} finally {
  await sandbox.close();
  await rm(scratch, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const wasm = await buildWasm();
  const native = nativeRates();
  const plain = await plainWorker(wasm);
  const secret = `${sample.appid.slice(2)}${sample.appid.slice(2)}`;
  const vars = { ...goodVars(sandbox.url), WECHAT_APPID: sample.appid, WECHAT_SECRET: secret };
  const workers = await startWorkers([{ ...(await workerOptions({ vars })), ...socket }, plain] as never);
  try {
    const url = await addressOf(workers, 'wxedge');
    const beside = await addressOf(workers, 'plain');
    const token = await login(url);
    const body = JSON.stringify(data);
    const sources: Record<string, Rate> = {
      'route POST /v1/userdata': () => requestRate(() => send(url, 'POST /v1/userdata', { bearer: token, body })),
      'the same route, data of a wrong shape': () =>
        requestRate(() => send(url, 'POST /v1/userdata', { bearer: token, body: { ...data, iv: 'x' } }), 400),
      'route GET /v1/session': () => requestRate(() => send(url, 'GET /v1/session', { bearer: token })),
      'crate, wasm in workerd': () => loopRate(beside, '/wasm'),
      'WebCrypto, a request each to a plain Worker': () =>
        requestRate(() => send(beside, 'POST /webcrypto', { body: { ...sample, times: 1 } })),
      'WebCrypto, a fresh key each, in workerd': () => loopRate(beside, '/webcrypto'),
      [`${SDK.name} ${SDK.version} in Node`]: await sdkRate(),
    };
    const rounds = Object.fromEntries(Object.keys(sources).map((name): [string, number[]] => [name, []]));
    // The first round warms everything up and does not count.
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [name, rate] of Object.entries(sources)) {
        const value = await rate();
        if (round > 0) rounds[name]?.push(value);
      }
    }
    await report({ 'crate, native': native, ...rounds });
  } finally {
    await workers.close();
  }
}

async function addressOf({ miniflare }: Awaited<ReturnType<typeof startWorkers>>, name: string): Promise<string> {
  return (await miniflare.unsafeGetDirectURL(name)).origin;
}

async function login(url: string): Promise<string> {
  const body = JSON.stringify({ openid: 'oBench', session_key: sample.session_key });
  sandbox.addFault({ kind: 'answer', path: '/sns/jscode2session', body });
  const { json } = await send(url, 'POST /v1/login', { body: { code: 'any' } });
  return String(json['token']);
}

/** Requests per second over a few connections. */
async function requestRate(request: () => Promise<{ status: number; text: string }>, status = 200): Promise<number> {
  let left = REQUESTS;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const answer = await request();
      if (answer.status !== status) throw new Error(`${answer.status} ${answer.text}`);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  return REQUESTS / seconds(start);
}

/** A loop inside workerd, timed from outside since its clock stands still while it works. */
async function loopRate(url: string, route: string): Promise<number> {
  const start = performance.now();
  const answer = await send(url, `POST ${route}`, { body: { ...sample, times: TIMES } });
  if (answer.text !== 'done') throw new Error(answer.text);
  return TIMES / seconds(start);
}

/** A Worker without a framework that decrypts as one would write it in JavaScript, and runs the crate's example. */
async function plainWorker(wasm: Buffer): Promise<object> {
  const contents = `
    import module from './open.wasm';
    const { exports } = new WebAssembly.Instance(module, {});
    const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    async function decrypt({ appid, session_key, iv, encrypted_data }) {
      const key = await crypto.subtle.importKey('raw', bytes(session_key), 'AES-CBC', false, ['decrypt']);
      const plain = await crypto.subtle.decrypt({ name: 'AES-CBC', iv: bytes(iv) }, key, bytes(encrypted_data));
      const data = JSON.parse(new TextDecoder().decode(plain));
      if (data.watermark.appid !== appid) throw new Error('wrong app');
      return data;
    }
    export default {
      async fetch(request) {
        const sample = await request.json();
        if (request.url.endsWith('/wasm')) return new Response(exports.main(0, 0) === 0 ? 'done' : 'failed');
        for (let time = 0; time < sample.times; time += 1) await decrypt(sample);
        return new Response('done');
      },
    };`;
  return {
    name: 'plain',
    compatibilityDate: '2026-11-01',
    modules: [
      { type: 'ESModule', path: path.join(scratch, 'index.js'), contents },
      { type: 'CompiledWasm', path: path.join(scratch, 'open.wasm'), contents: wasm },
    ],
    modulesRoot: scratch,
    ...socket,
  };
}

/** The example as wasm, in a project of its own: the crate's test dependencies do not build for wasm. */
async function buildWasm(): Promise<Buffer> {
  const project = path.join(scratch, 'open');
  await mkdir(project);
  const crate = path.join(root, 'crates', 'crypto');
  const text = (file: string): string => JSON.stringify(file);
  await writeFile(
    path.join(project, 'Cargo.toml'),
    `
[workspace]
[package]
name = "open"
version = "0.0.0"
edition = "2024"
[[bin]]
name = "open"
path = ${text(path.join(crate, 'examples', 'open.rs'))}
[dependencies]
wxedge-crypto = { path = ${text(crate)} }
[profile.release]
opt-level = "z"
lto = "fat"
codegen-units = 1
panic = "abort"
`,
  );
  await copyFile(path.join(root, 'Cargo.lock'), path.join(project, 'Cargo.lock'));
  // Beside the other builds, so that it is made once.
  const target = path.join(process.env['CARGO_TARGET_DIR'] ?? path.join(root, 'target'), 'bench');
  tool('cargo', ['build', '--quiet', '--release', '--target', 'wasm32-unknown-unknown', '--target-dir', target], project);
  return readFile(path.join(target, 'wasm32-unknown-unknown', 'release', 'open.wasm'));
}

/** The example as it runs on this machine; it takes its own time. */
function nativeRates(): number[] {
  const output = tool('cargo', ['run', '--quiet', '--release', '-p', 'wxedge-crypto', '--example', 'open'], root);
  return output.trim().split('\n').map(Number);
}

async function sdkRate(): Promise<Rate> {
  await writeFile(path.join(scratch, 'package.json'), '{"private":true}');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  tool(npm, ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', `${SDK.name}@${SDK.version}`], scratch);
  const require = createRequire(path.join(scratch, 'package.json'));
  const directory = path.dirname(require.resolve(`${SDK.name}/package.json`));
  const sdk = require(path.join(directory, 'dist', 'MiniApp', 'Decryptor.js')) as {
    decrypt(key: string, iv: string, data: string): { watermark: { appid: string } };
  };
  return async () => {
    const start = performance.now();
    for (let time = 0; time < TIMES; time += 1) {
      const { watermark } = sdk.decrypt(sample.session_key, sample.iv, sample.encrypted_data);
      if (watermark.appid !== sample.appid) throw new Error('wrong app');
    }
    return TIMES / seconds(start);
  };
}

function tool(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', shell: command.endsWith('.cmd') });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed: ${error?.message ?? stderr}`);
  return stdout;
}

async function report(rounds: Record<string, number[]>): Promise<void> {
  const medians = Object.entries(rounds).map(([name, values]): [string, number] => [name, Math.round(median(values))]);
  const webCrypto = medians.find(([name]) => name.startsWith('WebCrypto, a fresh key'))?.[1] ?? Number.NaN;
  const rows = medians.map(([name, perSecond]) => ({
    what: name,
    per_second: perSecond,
    to_webcrypto: Number((perSecond / webCrypto).toFixed(2)),
  }));
  console.log(`Decryptions of the published sample (400 bytes) per second, medians of ${ROUNDS} rounds in one run`);
  console.table(rows);
  const at = process.argv.indexOf('--json');
  const file = at < 0 ? undefined : process.argv[at + 1];
  if (file !== undefined) await writeFile(file, `${JSON.stringify({ rows, rounds }, undefined, 2)}\n`);
}

function median(values: number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function seconds(start: number): number {
  return (performance.now() - start) / 1000;
}

// The release Worker beside a Hono Worker that does the same jobs, each in a workerd of its own, with the sandbox as the
// WeChat of both. `--quick` for a short run, `--json <file>` to keep the figures, and a picture of them beside it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { assertAgreement, type Party } from './agreement.ts';
import { chart } from './chart.ts';
import { coldStarts } from './cold-start.ts';
import { pairedRatio } from './figures.ts';
import { apiKey, appid, jobsOf } from './jobs.ts';
import { Lane } from './lane.ts';
import { buildLoad, type Request } from './load.ts';
import { report } from './report.ts';
import type { Figures, JobFigures } from './results.ts';
import { uploadOf, wxedgeMain } from './upload.ts';
import { WeChat } from './wechat/wechat.ts';
import { usageOf } from './workerd/usage.ts';
import { configure, startWorkerd, type Workerd } from './workerd/workerd.ts';

const { values: { quick, json } } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});
/** Even, so that each side goes first as often as the other. */
const ROUNDS = quick ? 2 : 6;
/** How long one side is under load in one round of a job. */
const SECONDS = quick ? 0.4 : 1.5;
const COLD_STARTS = quick ? 5 : 15;
/** Enough that a Worker never waits for WeChat with nothing else to do. */
const CONNECTIONS = 64;
/** How late WeChat answers, in milliseconds. */
const WECHAT_DELAY = 5;

const load = buildLoad();
const scratch = await mkdtemp(path.join(os.tmpdir(), 'wxedge-bench-'));
const wechat = await WeChat.start(WECHAT_DELAY);
const running: Workerd[] = [];
try {
  const figures = await measure();
  console.log(report(figures));
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify(figures, undefined, 2)}\n`);
    await writeFile(json.replace(/\.json$/, '.svg'), chart(figures));
  }
} finally {
  for (const worker of running) await worker.close();
  wechat.close();
  await rm(scratch, { recursive: true, force: true });
}

/** One of the two, running. */
type Side = Party & { worker: Workerd };

async function measure(): Promise<Figures> {
  const wxedge = await bundle('wxedge', wxedgeMain, []);
  const hono = await bundle('hono', fileURLToPath(new URL('hono/worker.ts', import.meta.url)), ['--minify']);
  const empty = await bundle('empty', fileURLToPath(new URL('empty-worker.mjs', import.meta.url)), ['--minify']);
  console.log(`  ${COLD_STARTS} cold starts of each`);
  const cold = await coldStarts({ wxedge: wxedge.config, hono: hono.config, empty: empty.config }, COLD_STARTS);
  const sides = [await start('wxedge', wxedge.config), await start('hono', hono.config)] as const;
  const idle = sides.map(({ worker }) => usageOf(worker.pid).bytes);
  const jobs: JobFigures[] = [];
  for (const { name } of sides[0].jobs) {
    console.log(`  ${name}`);
    jobs.push(await measureJob(sides, name));
  }
  const peak = sides.map(({ worker }) => usageOf(worker.pid).bytes);
  return {
    quick,
    machine: { cpu: os.cpus()[0]?.model ?? '', cores: os.cpus().length, system: `${os.type()} ${os.arch()}` },
    set_up: { rounds: ROUNDS, seconds: SECONDS, connections: CONNECTIONS, wechat_delay_ms: WECHAT_DELAY },
    jobs,
    cold_start_ms: cold,
    memory_bytes: {
      idle: { wxedge: idle[0] ?? 0, hono: idle[1] ?? 0 },
      peak: { wxedge: peak[0] ?? 0, hono: peak[1] ?? 0 },
    },
    upload_bytes: {
      wxedge: { raw: wxedge.upload.raw, gzip: wxedge.upload.gzip },
      hono: { raw: hono.upload.raw, gzip: hono.upload.gzip },
    },
  };
}

async function bundle(name: string, main: string, flags: string[]) {
  const directory = path.join(scratch, name);
  await mkdir(directory);
  const upload = await uploadOf(main, directory, flags);
  const vars = {
    WECHAT_APPID: appid,
    WECHAT_SECRET: appid.slice(2).repeat(2),
    WECHAT_API_BASE: wechat.url,
    SESSION_SECRET: 'a-session-secret-of-the-bench-0123456789',
    API_KEYS: `bench:${apiKey}`,
    ALLOWED_ORIGINS: 'https://h5.example.com',
  };
  const config = await configure(path.join(directory, 'workerd'), { modules: upload.modules, compatibilityFlags: ['global_fetch_strictly_public'] }, vars);
  return { upload, config };
}

async function start(name: string, config: string): Promise<Side> {
  const worker = await startWorkerd(config);
  running.push(worker);
  const send = ({ method, path: target, headers, body }: Request): Promise<Response> =>
    fetch(`http://${worker.address}${target}`, { method, headers, ...(body === undefined ? {} : { body }) });
  return { name, worker, send, jobs: await jobsOf({ name, send, wechat }) };
}

async function measureJob([ours, theirs]: readonly [Side, Side], name: string): Promise<JobFigures> {
  await assertAgreement(name, [ours, theirs]);
  const [wxedge, hono] = [await lane(ours, name), await lane(theirs, name)];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const lane of round % 2 === 0 ? [wxedge, hono] : [hono, wxedge]) await lane.run();
  }
  return {
    name,
    wxedge: wxedge.figures(),
    hono: hono.figures(),
    rate_ratio: pairedRatio(wxedge.rates, hono.rates),
    cpu_ratio: pairedRatio(wxedge.cpu, hono.cpu),
  };
}

async function lane({ name, worker, jobs }: Side, jobName: string): Promise<Lane> {
  const job = jobs.find((one) => one.name === jobName);
  if (job === undefined) throw new Error(`${name} has no job ${jobName}`);
  return Lane.warm({ worker, job, load, wechat, connections: CONNECTIONS, seconds: SECONDS });
}

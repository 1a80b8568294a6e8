// The release Worker beside a Hono Worker that does the same jobs, each in a workerd of its own, with the sandbox as the
// WeChat of both. `--quick` for a short run, `--json <file>` to keep the figures, and a picture of them beside it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { root } from '../../scripts/worker.mjs';
import { assertAgreement } from './agreement.ts';
import { chart } from './chart.ts';
import { coldStarts } from './cold-start.ts';
import { jobOf, prepare, type Side, start } from './contestants.ts';
import { pairedRatio } from './figures.ts';
import { Lane } from './lane.ts';
import { buildLoad } from './load.ts';
import { report } from './report.ts';
import type { Figures, JobFigures, Pair } from './results.ts';
import { WeChat } from './wechat/wechat.ts';
import { usageOf } from './workerd/usage.ts';

const {
  values: { quick, json },
} = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});
/** Even, so that each side goes first as often as the other. */
const ROUNDS = quick ? 2 : 8;
/** How long one side is under load in one round of a job. */
const SECONDS = quick ? 0.4 : 1;
const COLD_STARTS = quick ? 5 : 15;
/** Enough that a Worker never waits for WeChat with nothing else to do. */
const CONNECTIONS = 64;
/** How late WeChat answers, in milliseconds. */
const WECHAT_DELAY = 5;

const load = buildLoad();
const scratch = await mkdtemp(path.join(os.tmpdir(), 'wxedge-bench-'));
const wechat = await WeChat.start(WECHAT_DELAY);
const running: Side[] = [];
try {
  const figures = await measure();
  console.log(report(figures));
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify(figures, undefined, 2)}\n`);
    await writeFile(json.replace(/\.json$/, '.svg'), chart(figures));
  }
} finally {
  for (const { worker } of running) await worker.close();
  wechat.close();
  await rm(scratch, { recursive: true, force: true });
}

async function measure(): Promise<Figures> {
  const [wxedge, hono, empty] = [
    await prepare('wxedge', scratch, wechat),
    await prepare('hono', scratch, wechat),
    await prepare('empty', scratch, wechat),
  ];
  console.log(`  ${COLD_STARTS} cold starts of each`);
  const cold = await coldStarts({ wxedge: wxedge.config, hono: hono.config, empty: empty.config }, COLD_STARTS);
  for (const contestant of [wxedge, hono]) running.push(await start(contestant, wechat));
  const [ours, theirs] = running as [Side, Side];
  const idle = memory(ours, theirs);
  const jobs: JobFigures[] = [];
  for (const { name } of ours.jobs) {
    console.log(`  ${name}`);
    jobs.push(await measureJob(ours, theirs, name));
  }
  return {
    quick,
    machine: { cpu: os.cpus()[0]?.model ?? '', cores: os.cpus().length, system: `${os.type()} ${os.arch()}` },
    versions: await versions(),
    set_up: { rounds: ROUNDS, seconds: SECONDS, connections: CONNECTIONS, wechat_delay_ms: WECHAT_DELAY },
    jobs,
    cold_start_ms: cold,
    memory_bytes: { idle, peak: memory(ours, theirs) },
    upload_bytes: {
      wxedge: { raw: wxedge.upload.raw, gzip: wxedge.upload.gzip },
      hono: { raw: hono.upload.raw, gzip: hono.upload.gzip },
    },
  };
}

async function measureJob(ours: Side, theirs: Side, name: string): Promise<JobFigures> {
  await assertAgreement(name, ours, theirs);
  const [wxedge, hono] = [await lane(ours, name), await lane(theirs, name)];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const one of round % 2 === 0 ? [wxedge, hono] : [hono, wxedge]) await one.run();
  }
  return {
    name,
    wxedge: wxedge.figures(),
    hono: hono.figures(),
    rate_ratio: pairedRatio(wxedge.rates, hono.rates),
    cpu_ratio: pairedRatio(wxedge.cpu, hono.cpu),
  };
}

function lane(side: Side, name: string): Promise<Lane> {
  return Lane.warm({ worker: side.worker, job: jobOf(side, name), load, wechat, connections: CONNECTIONS, seconds: SECONDS });
}

function memory(ours: Side, theirs: Side): Pair<number> {
  return { wxedge: usageOf(ours.worker.pid).bytes, hono: usageOf(theirs.worker.pid).bytes };
}

/** The project pins both. */
async function versions(): Promise<Figures['versions']> {
  const { devDependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    devDependencies: Figures['versions'];
  };
  return { workerd: devDependencies.workerd, hono: devDependencies.hono };
}

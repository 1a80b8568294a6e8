// Two versions of the Worker in one run, the one before twice: how far that is from itself is what a difference has to
// exceed. `node tests/bench/versions.ts <checkout of the version before, built>`; `--quick` for a short run, `--job <name>` for
// one job alone, in four times as many rounds.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { assertAgreement } from './agreement.ts';
import { coldStarts } from './cold-start.ts';
import { type Contestant, jobOf, prepare, type Side, start } from './contestants.ts';
import { spreadOf } from './figures.ts';
import { Lane } from './lane.ts';
import { buildLoad } from './load.ts';
import { wxedgeMain } from './upload.ts';
import { WeChat } from './wechat/wechat.ts';
import { usageOf } from './workerd/usage.ts';
import { OBJECTS } from './workerd/workerd.ts';

const {
  values: { quick, job: only },
  positionals: [before],
} = parseArgs({ options: { quick: { type: 'boolean', default: false }, job: { type: 'string' } }, allowPositionals: true });
if (before === undefined) throw new Error('usage: node tests/bench/versions.ts <checkout of the version before, built> [--quick]');
/** A multiple of three, so that each goes first, second and third as often. */
const ROUNDS = (quick ? 3 : 9) * (only === undefined ? 1 : 4);
/** How long one side is under load in one round of a job. */
const SECONDS = quick ? 0.4 : 1;
const COLD_STARTS = quick ? 5 : 15;
const CONNECTIONS = 64;
/** How late WeChat answers, in milliseconds. */
const WECHAT_DELAY = 5;

const load = buildLoad();
const scratch = await mkdtemp(path.join(os.tmpdir(), 'wxedge-versions-'));
const mainBefore = await withEveryClass(path.join(path.resolve(before), 'worker', 'build', 'index.js'));
const mains = { before: mainBefore, again: mainBefore, now: wxedgeMain };
type Name = keyof typeof mains;
const wechat = await WeChat.start(WECHAT_DELAY);
const running: Side[] = [];
try {
  await compare();
} finally {
  for (const { worker } of running) await worker.close();
  wechat.close();
  await rm(scratch, { recursive: true, force: true });
}

async function compare(): Promise<void> {
  const contestants = [await contestant('before'), await contestant('again'), await contestant('now')];
  const configs = Object.fromEntries(contestants.map(({ name, config }) => [name, config])) as Record<Name, string>;
  const cold = await coldStarts(configs, COLD_STARTS);
  for (const one of contestants) running.push(await start(one, wechat));
  const memory = running.map(megabytes);
  console.log('each against the version before: the median of the rounds, and their lowest and highest');
  const jobs = (running[0]?.jobs ?? []).filter(({ name }) => only === undefined || name === only);
  for (const { name } of jobs) {
    if (await isNew(name)) console.log(`${name}: the version before has it not`);
    else await measure(name);
  }
  for (const [index, { name, upload }] of contestants.entries()) {
    const first = cold[name as Name].first_answer.median.toFixed(1);
    const peak = running.map(megabytes)[index];
    console.log(
      `${name}: first answer ${first} ms, memory ${memory[index]} MB, after load ${peak} MB, upload ${upload.raw} B, gzip ${upload.gzip} B`,
    );
  }
}

/** The name is also that of its people: a login in one Worker would replace their keys in the others. */
async function contestant(name: Name): Promise<Contestant> {
  const directory = path.join(scratch, name);
  await mkdir(directory);
  return { ...(await prepare('wxedge', directory, wechat, mains[name])), name };
}

/** A main module that exports what wrangler.toml binds: a version before may lack a class of Durable Objects. */
async function withEveryClass(main: string): Promise<string> {
  const text = await readFile(main, 'utf8');
  const missing = Object.values(OBJECTS).filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
  const file = path.join(scratch, 'main.mjs');
  const from = JSON.stringify(main);
  const stubs = missing.map((name) => `export class ${name} {}`);
  await writeFile(file, [`export * from ${from};`, `export { default } from ${from};`, ...stubs].join('\n'));
  return file;
}

/** Whether the version before does not know this route, or does it otherwise. */
async function isNew(job: string): Promise<boolean> {
  const [first] = running as [Side, Side, Side];
  const { requests, status } = jobOf(first, job);
  const [request] = await requests(1);
  return request === undefined || (await first.send(request)).status !== status;
}

async function measure(job: string): Promise<void> {
  const [first, again, now] = running as [Side, Side, Side];
  await assertAgreement(job, now, first);
  const lanes = [await lane(first, job), await lane(again, job), await lane(now, job)] as [Lane, Lane, Lane];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let turn = 0; turn < lanes.length; turn += 1) await lanes[(round + turn) % lanes.length]?.run();
  }
  const [base, same, other] = lanes;
  const rates = `again ${against(same.rates, base.rates)}, now ${against(other.rates, base.rates)}`;
  const cpu = `again ${against(same.cpu, base.cpu)}, now ${against(other.cpu, base.cpu)}`;
  console.log(`${job}: ${Math.round(spreadOf(base.rates).median)}/s; rate: ${rates}; CPU: ${cpu}`);
}

function lane(side: Side, job: string): Promise<Lane> {
  return Lane.warm({ worker: side.worker, job: jobOf(side, job), load, wechat, connections: CONNECTIONS, seconds: SECONDS });
}

/** What slows a whole round down is the same on both sides. */
function against(values: number[], base: number[]): string {
  const { median, low, high } = spreadOf(values.map((value, round) => value / (base[round] ?? Number.NaN)));
  return `${median.toFixed(3)} (${low.toFixed(2)}-${high.toFixed(2)})`;
}

function megabytes({ worker }: Side): number {
  return Math.round(usageOf(worker.pid).bytes / 1024 ** 2);
}

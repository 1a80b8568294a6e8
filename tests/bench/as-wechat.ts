// What an SDK pays for the way through the Worker: a call at WeChat's own path there, beside the same call straight to the
// sandbox. `--quick` for a short run, `--json <file>` to keep the figures.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { prepare, type Side, start } from './contestants.ts';
import { pairedRatio } from './figures.ts';
import { apiKey, appid, bearer, sdkKey, TEXT } from './jobs.ts';
import { Lane } from './lane.ts';
import { buildLoad, type Request } from './load.ts';
import type { SideFigures } from './results.ts';
import { WeChat } from './wechat/wechat.ts';

const {
  values: { quick, json },
} = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } });
/** Even, so that each side goes first as often as the other. */
const ROUNDS = quick ? 2 : 8;
/** How long one side is under load in one round. */
const SECONDS = quick ? 0.4 : 1;
/** So many calls are under way at once: one, for what the way takes; many, for what both can bear. */
const CONNECTIONS = [1, 64];
/** How late WeChat answers, in milliseconds. */
const WECHAT_DELAY = 5;
const PATH = '/wxa/msg_sec_check';

type Figures = { connections: number; through: SideFigures; straight: SideFigures; rate_ratio: number; added_p50_ms: number };

const load = buildLoad();
const scratch = await mkdtemp(path.join(os.tmpdir(), 'wxedge-bench-'));
const wechat = await WeChat.start(WECHAT_DELAY);
let side: Side | undefined;
try {
  side = await start(await prepare('wxedge', scratch, wechat), wechat);
  const secret = { grant_type: 'client_credential', appid, secret: sdkKey };
  const ours = await tokenAt(side.worker.address, `/cgi-bin/token?${new URLSearchParams(secret).toString()}`);
  const theirs = await tokenAt(side.worker.address, '/v1/token', bearer(apiKey));
  const figures: Figures[] = [];
  for (const connections of CONNECTIONS) figures.push(await measure(side, ours, theirs, connections));
  for (const one of figures) console.log(lineOf(one));
  if (json !== undefined)
    await writeFile(json, `${JSON.stringify({ quick, rounds: ROUNDS, wechat_delay_ms: WECHAT_DELAY, figures }, undefined, 2)}\n`);
} finally {
  await side?.worker.close();
  wechat.close();
  await rm(scratch, { recursive: true, force: true });
}

async function measure({ worker }: Side, ours: string, theirs: string, connections: number): Promise<Figures> {
  const straightTo = { address: new URL(wechat.url).host, pid: wechat.pid };
  const lane = async (to: typeof straightTo, token: string): Promise<Lane> => {
    const request = callWith(token);
    await succeed(to.address, request);
    const job = { name: PATH, status: 200, requests: async () => [request] };
    return Lane.warm({ worker: to, job, load, wechat, connections, seconds: SECONDS });
  };
  const [through, straight] = [await lane(worker, ours), await lane(straightTo, theirs)];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const one of round % 2 === 0 ? [through, straight] : [straight, through]) await one.run();
  }
  const [here, there] = [through.figures(), straight.figures()];
  return {
    connections,
    through: here,
    straight: there,
    rate_ratio: pairedRatio(through.rates, straight.rates),
    added_p50_ms: here.p50_ms - there.p50_ms,
  };
}

function callWith(token: string): Request {
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', path: `${PATH}?access_token=${token}`, headers, body: JSON.stringify(TEXT) };
}

async function tokenAt(address: string, target: string, headers: Record<string, string> = {}): Promise<string> {
  const { access_token: token } = (await (await fetch(`http://${address}${target}`, { headers })).json()) as { access_token: string };
  return token;
}

/** The load looks at the status alone, which is 200 for refusals too. */
async function succeed(address: string, { method, path: target, headers, body = '' }: Request): Promise<void> {
  const text = await (await fetch(`http://${address}${target}`, { method, headers, body })).text();
  if ((JSON.parse(text) as { errcode: number }).errcode !== 0) throw new Error(`${address}: ${text}`);
}

function lineOf({ connections, through, straight, rate_ratio: ratio, added_p50_ms: added }: Figures): string {
  const of = ({ per_second: rate, p50_ms: p50, p99_ms: p99 }: SideFigures): string =>
    `${Math.round(rate.median)}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  return `${connections} at once: through the Worker ${of(through)}; straight ${of(straight)}; ratio ${ratio.toFixed(2)}, ${added.toFixed(1)} ms more`;
}

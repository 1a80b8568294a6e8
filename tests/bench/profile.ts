// Where the time of one job goes: V8's CPU profile, taken by workerd's inspector under load.
//
//   node tests/bench/profile.ts 'user data' [--hono] [--main file] [--requests 5000] [--out file.cpuprofile]
//
// Functions of wasm have names where the build kept them: without --strip-debug in scripts/build.mjs. --main takes another
// build's index.js.
// The file opens in the developer tools of a browser.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { jobOf, prepare, start } from './contestants.ts';
import { buildLoad } from './load.ts';
import { WeChat } from './wechat/wechat.ts';

type Node = { id: number; callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number } };
type Profile = { nodes: Node[]; samples: number[]; timeDeltas: number[] };

const {
  values,
  positionals: [job = 'health'],
} = parseArgs({
  allowPositionals: true,
  options: {
    hono: { type: 'boolean', default: false },
    main: { type: 'string' },
    requests: { type: 'string', default: '5000' },
    out: { type: 'string' },
  },
});
const requests = Number(values.requests);
/** Microseconds between two samples. */
const INTERVAL = 200;
const CONNECTIONS = 16;
const SHOWN = 40;

const load = buildLoad();
const scratch = await mkdtemp(path.join(os.tmpdir(), 'wxedge-profile-'));
const wechat = await WeChat.start(1);
try {
  const contestant = await prepare(values.hono ? 'hono' : 'wxedge', scratch, wechat, values.main);
  const side = await start(contestant, wechat, { inspected: true });
  try {
    const { status, requests: make } = jobOf(side, job);
    const run = async (count: number): Promise<void> => {
      const variants = await make(count);
      load({ address: side.worker.address, connections: CONNECTIONS, requests: count, status, variants });
    };
    await run(Math.ceil(requests / 5));
    const profile = await profileOf(side.worker.inspector, () => run(requests));
    report(profile);
    if (values.out !== undefined) await writeFile(values.out, JSON.stringify(profile));
  } finally {
    await side.worker.close();
  }
} finally {
  wechat.close();
  await rm(scratch, { recursive: true, force: true });
}

async function profileOf(url: string, work: () => Promise<void>): Promise<Profile> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`no inspector at ${url}`));
  });
  let last = 0;
  const ask = (method: string, params = {}): Promise<unknown> =>
    new Promise((resolve) => {
      last += 1;
      const id = last;
      socket.addEventListener('message', ({ data }) => {
        const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
        if (message.id === id) resolve(message.result);
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  await ask('Profiler.enable');
  await ask('Profiler.setSamplingInterval', { interval: INTERVAL });
  await ask('Profiler.start');
  await work();
  const { profile } = (await ask('Profiler.stop')) as { profile: Profile };
  socket.close();
  return profile;
}

/** The functions in which most time was spent, what they call not included. */
function report({ nodes, samples, timeDeltas }: Profile): void {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber, columnNumber } }) => [
      id,
      `${functionName || '(anonymous)'}  ${path.basename(url)}${url === '' ? '' : `:${lineNumber + 1}:${columnNumber + 1}`}`,
    ]),
  );
  const spent = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '?';
    spent.set(name, (spent.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  const busy = [...spent].filter(([name]) => !name.startsWith('(idle)'));
  const whole = busy.reduce((sum, [, time]) => sum + time, 0);
  console.log(`${job}: ${(whole / requests).toFixed(0)} us of this isolate for each of ${requests} requests`);
  for (const [name, time] of busy.sort(([, left], [, right]) => right - left).slice(0, SHOWN)) {
    console.log(`${((time / whole) * 100).toFixed(1).padStart(5)}%  ${(time / requests).toFixed(1).padStart(7)} us  ${name}`);
  }
}

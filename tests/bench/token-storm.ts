// What a storm costs upstream, and what the token adds to a request: wxedge beside the naive code of the field.
// `--quick` for a short run, `--json <file>` to keep the figures.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.ts';
import { type Answer, CLASSIC, type Deployment, STABLE, shortLived, startDeployment } from '../token/deployment.ts';
import { startSandbox } from '../../sandbox/src/sandbox.ts';
import { goodVars } from '../support/wxedge.ts';

type Kind = 'wxedge' | 'naive';
type Mode = 'stable' | 'classic';
type Storm = { token_calls: number; failed: number; median_ms: number };
type Figures = Record<string, number>;

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 1 : 3;
const REQUESTS = quick ? 200 : 500;
const SAMPLES = quick ? 30 : 100;
const KINDS: Kind[] = ['wxedge', 'naive'];

const rounds: Figures[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const figures: Figures = {};
  for (const mode of ['stable', 'classic'] as const) {
    for (const kind of KINDS) {
      Object.assign(figures, named(`${mode}, cold token, ${kind}`, await coldStorm(kind, mode)));
      Object.assign(figures, named(`${mode}, token killed, ${kind}`, await killedStorm(kind, mode)));
    }
  }
  Object.assign(figures, await wxedgeLatency(), await naiveLatency());
  rounds.push(figures);
}
await report(rounds);

/** Everybody comes at once, and there is no token yet. */
async function coldStorm(kind: Kind, mode: Mode): Promise<Storm> {
  return inDeployment(kind, mode, async (here) => storm(here, mode));
}

/** Everybody comes at once, and an outsider has just killed the token. */
async function killedStorm(kind: Kind, mode: Mode): Promise<Storm> {
  return inDeployment(kind, mode, async (here) => {
    await here.scheme('n=first');
    here.sandbox.killTokens();
    here.sandbox.resetCalls();
    return storm(here, mode);
  });
}

async function storm(here: Deployment, mode: Mode): Promise<Storm> {
  const answers = await Promise.all(Array.from({ length: REQUESTS }, (_, n) => here.scheme(`n=${n}`)));
  return {
    token_calls: here.count(mode === 'stable' ? STABLE : CLASSIC),
    failed: answers.filter(({ status }) => status !== 200).length,
    median_ms: median(answers.map(({ took }) => took)),
  };
}

/** What the token adds over a route that needs none, by where it is found. */
async function wxedgeLatency(): Promise<Figures> {
  const life = 59;
  const later = (): number => Math.floor(Date.now() / 1_000) + 7_000;
  const memory = await inDeployment('wxedge', 'stable', async (here) => {
    await here.get('/v1/token');
    return { plain: await sample(here, '/v1/health'), token: await sample(here, '/v1/token') };
  });
  // A token with under 60 s left is neither kept in memory nor copied: the keeper is asked each time.
  const keeper = await inDeployment('wxedge', 'stable', async (here) => {
    shortLived(here.sandbox, life);
    await here.get('/v1/token');
    return { plain: await sample(here, '/v1/health'), token: await sample(here, '/v1/token') };
  });
  // On the same footing, a copy that nobody has seen is read from KV; reported as refused, it leaves the memory again.
  const kv = await inDeployment('wxedge', 'stable', async (here) => {
    shortLived(here.sandbox, life);
    await here.get('/v1/token');
    const plain = await sample(here, '/v1/health');
    const token = await sample(here, '/v1/token', {
      before: (n) => here.writeCopy({ token: `copy-${n}`, expires_at: later() }),
      after: async (n, { json }) => {
        if (json['access_token'] !== `copy-${n}`) throw new Error('the copy in KV was not read');
        await here.post('/v1/token/refresh', { access_token: `copy-${n}` });
      },
    });
    return { plain, token };
  });
  return {
    'memory hit, wxedge: added_ms': memory.token - memory.plain,
    'KV hit, wxedge: added_ms': kv.token - kv.plain,
    'keeper hit, wxedge: added_ms': keeper.token - keeper.plain,
  };
}

async function naiveLatency(): Promise<Figures> {
  return inDeployment('naive', 'stable', async (here) => {
    await here.get('/v1/token');
    const plain = await sample(here, '/v1/health');
    return { 'KV hit, naive: added_ms': (await sample(here, '/v1/token')) - plain };
  });
}

type Around = { before?: (n: number) => Promise<void>; after?: (n: number, answer: Answer) => Promise<void> };

/** The median time of one request after another, once the route is warm. */
async function sample(here: Deployment, path: string, { before, after }: Around = {}): Promise<number> {
  const warmUp = Math.ceil(SAMPLES / 5);
  const times: number[] = [];
  for (let n = 0; n < warmUp + SAMPLES; n += 1) {
    await before?.(n);
    const answer = await here.get(path);
    await after?.(n, answer);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    if (n >= warmUp) times.push(answer.took);
  }
  return median(times);
}

async function inDeployment<T>(kind: Kind, mode: Mode, work: (here: Deployment) => Promise<T>): Promise<T> {
  const sandbox = await startSandbox();
  const vars = { TOKEN_MODE: mode };
  const here =
    kind === 'wxedge'
      ? await startDeployment({ sandbox, vars })
      : await startDeployment({ sandbox, workers: [await naiveWorker({ ...goodVars(sandbox.url), ...vars })] });
  try {
    await until('it answers', async () => (await here.get('/v1/health')).status === 200);
    return await work(here);
  } finally {
    await here.close();
  }
}

async function naiveWorker(bindings: Record<string, string | undefined>): Promise<unknown> {
  const script = fileURLToPath(new URL('naive-worker.mjs', import.meta.url));
  return {
    name: 'naive',
    modules: [{ type: 'ESModule', path: script, contents: await readFile(script, 'utf8') }],
    modulesRoot: fileURLToPath(new URL('.', import.meta.url)),
    compatibilityDate: '2026-11-01',
    kvNamespaces: ['WXEDGE_KV'],
    bindings,
  };
}

function named(prefix: string, storm: Storm): Figures {
  return Object.fromEntries(Object.entries(storm).map(([name, value]) => [`${prefix}: ${name}`, value]));
}

/** The medians over all rounds, side by side, with the ratio naive to wxedge where both have the figure. */
async function report(all: Figures[]): Promise<void> {
  const figures = Object.fromEntries(
    Object.keys(all[0] ?? {}).map((name) => [name, Number(median(all.map((round) => round[name] ?? NaN)).toFixed(2))]),
  );
  const rows = new Map<string, { wxedge?: number; naive?: number; naive_to_wxedge?: number }>();
  for (const [name, value] of Object.entries(figures)) {
    const kind = name.includes('naive') ? 'naive' : 'wxedge';
    const row = name.replace(`, ${kind}`, '');
    rows.set(row, { ...rows.get(row), [kind]: value });
  }
  for (const row of rows.values()) {
    if (row.wxedge && row.naive !== undefined) row.naive_to_wxedge = Number((row.naive / row.wxedge).toFixed(2));
  }
  console.table(Object.fromEntries(rows));
  const at = process.argv.indexOf('--json');
  const file = at < 0 ? undefined : process.argv[at + 1];
  const results = { rounds: ROUNDS, requests: REQUESTS, samples: SAMPLES, figures };
  if (file !== undefined) await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`);
}

function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

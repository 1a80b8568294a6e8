// The first answer of a Worker whose runtime has just started.
import { spreadOf } from './figures.ts';
import type { ColdStart } from './results.ts';
import { startWorkerd } from './workerd/workerd.ts';

/** Starts each configuration so often, in turns and back again. */
export async function coldStarts<Name extends string>(configs: Record<Name, string>, times: number): Promise<Record<Name, ColdStart>> {
  const names = Object.keys(configs) as Name[];
  const seen = new Map(names.map((name) => [name, { whole: [] as number[], alone: [] as number[] }]));
  for (let time = 0; time < times; time += 1) {
    for (const name of time % 2 === 0 ? names : [...names].reverse()) {
      const { whole, alone } = await start(configs[name]);
      seen.get(name)?.whole.push(whole);
      seen.get(name)?.alone.push(alone);
    }
  }
  const entries = [...seen].map(([name, { whole, alone }]) => [name, { first_answer: spreadOf(whole), answer_alone: spreadOf(alone) }]);
  return Object.fromEntries(entries) as Record<Name, ColdStart>;
}

async function start(config: string): Promise<{ whole: number; alone: number }> {
  const worker = await startWorkerd(config);
  try {
    const response = await fetch(`http://${worker.address}/v1/health`);
    await response.text();
    const answered = performance.now();
    if (response.status !== 200) throw new Error(`the first answer was ${response.status}`);
    return { whole: answered - worker.started, alone: answered - worker.listening };
  } finally {
    await worker.close();
  }
}

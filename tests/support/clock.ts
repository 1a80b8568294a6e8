// Clocks that a test moves: each Worker that has one goes by it, and so do the alarms of its Durable Objects.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

type Module = { type: string; path: string; contents: unknown };
type Options = { modules: Module[]; durableObjects?: Record<string, unknown> };
type Fetcher = { fetch(url: string): Promise<{ status: number; text(): Promise<string>; json(): Promise<unknown> }> };
type Miniflare = { getWorker(name: string): Promise<unknown> };

const clock = new URL('./clock.mjs', import.meta.url);

/** The clocks of the Workers of one runtime, which show the same time. */
export class Clocks {
  /** By how many milliseconds they are ahead. */
  #ahead = 0;
  #workers: string[] = [];
  /** The Durable Objects of each Worker by binding and id, which outlive a restart with their alarms. */
  #objects = new Map<string, unknown>();

  /** Puts a clock before a Worker: its entry becomes one that imports it. */
  async putBefore(worker: string, options: Options): Promise<void> {
    const [entry] = options.modules;
    assert.ok(entry);
    this.#workers.push(worker);
    const contents = [
      `const AHEAD = ${this.#ahead};`,
      `const KNOWN = ${JSON.stringify(this.#objects.get(worker) ?? [])};`,
      await readFile(clock, 'utf8'),
      ...Object.entries(options.durableObjects ?? {}).map(([binding, bound]) => {
        const name = classOf(bound);
        return `export const ${name} = shifted('${binding}', entry.${name});`;
      }),
    ].join('\n');
    options.modules.unshift({ type: 'ESModule', path: path.join(path.dirname(entry.path), 'clock.js'), contents });
  }

  /** Lets so many seconds pass. `inRounds`: for many objects, see clock.mjs. */
  async advance(miniflare: Miniflare, seconds: number, inRounds = false): Promise<void> {
    assert.ok(this.#workers.length > 0 && seconds >= 0, 'a Worker has a clock, and it goes forward');
    const by = Math.round(seconds * 1000);
    this.#ahead += by;
    await Promise.all(this.#workers.map((worker) => ask(miniflare, worker, `advance?by=${by}${inRounds ? '&rounds' : ''}`)));
  }

  /** When the next alarm of a Worker rings, in Unix milliseconds. */
  async next(miniflare: Miniflare, worker: string): Promise<number | null> {
    return (await (await ask(miniflare, worker, 'next')).json()) as number | null;
  }

  /** Before a restart: keeps in mind which objects there are. */
  async remember(miniflare: Miniflare): Promise<void> {
    for (const worker of this.#workers) this.#objects.set(worker, await (await ask(miniflare, worker, 'objects')).json());
  }

  /** No Worker has a clock any more; what they showed stays. */
  forget(): void {
    this.#workers = [];
  }
}

async function ask(miniflare: Miniflare, worker: string, what: string) {
  const answer = await ((await miniflare.getWorker(worker)) as Fetcher).fetch(`http://clock.test/${what}`);
  assert.ok(answer.status < 300, `the clock of ${worker}: ${answer.status} ${answer.status < 300 ? '' : await answer.text()}`);
  return answer;
}

function classOf(bound: unknown): string {
  return typeof bound === 'string' ? bound : (bound as { className: string }).className;
}

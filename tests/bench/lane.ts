import { median, spreadOf } from './figures.ts';
import type { Job } from './jobs.ts';
import type { Outcome, Plan } from './load.ts';
import type { SideFigures } from './results.ts';
import type { WeChat } from './wechat/wechat.ts';
import { usageOf } from './workerd/usage.ts';
import type { Workerd } from './workerd/workerd.ts';

/** So many requests tell how fast a job is, before a round is sized. */
const PILOT = 200;
/** How long a job runs before it is measured, in seconds: the runtime compiles what is hot once more as it goes. */
const WARM_UP = 3;
/** The most requests of one round, whose answers' times are all kept, and whose logins need a code each. */
const MOST_REQUESTS = 40_000;

export type Setting = {
  /** Whatever answers. */
  worker: Pick<Workerd, 'address' | 'pid'>;
  job: Job;
  load: (plan: Plan) => Outcome;
  wechat: WeChat;
  connections: number;
  /** How long a round takes. */
  seconds: number;
};

/** One Worker at one job, and its figures round by round. */
export class Lane {
  readonly rates: number[] = [];
  readonly cpu: number[] = [];
  #setting: Setting;
  #size: number;
  #p50: number[] = [];
  #p99: number[] = [];
  #requests = 0;
  #calls = 0;

  /** Finds out how many requests make a round, while the runtime compiles what is hot. */
  static async warm(setting: Setting): Promise<Lane> {
    const pilot = new Lane(setting, PILOT);
    await pilot.run();
    const warm = new Lane(setting, pilot.#requestsIn(WARM_UP));
    await warm.run();
    return new Lane(setting, warm.#requestsIn(setting.seconds));
  }

  private constructor(setting: Setting, size: number) {
    this.#setting = setting;
    this.#size = size;
  }

  /** How many requests take so many seconds, by the round that was run. */
  #requestsIn(seconds: number): number {
    return Math.min(MOST_REQUESTS, Math.max(PILOT, Math.round((this.rates[0] ?? 0) * seconds)));
  }

  /** One round. */
  async run(): Promise<void> {
    const {
      worker: { address, pid },
      job,
      load,
      wechat,
      connections,
    } = this.#setting;
    const requests = this.#size;
    const variants = await job.requests(requests);
    const [calls, cpu] = [await wechat.calls(), usageOf(pid).cpu];
    const { seconds, latency_us: latency } = load({ address, connections, requests, status: job.status, variants });
    this.rates.push(requests / seconds);
    this.cpu.push(((usageOf(pid).cpu - cpu) / requests) * 1e6);
    this.#p50.push(latency.p50 / 1000);
    this.#p99.push(latency.p99 / 1000);
    this.#requests += requests;
    this.#calls += (await wechat.calls()) - calls;
  }

  figures(): SideFigures {
    return {
      per_second: spreadOf(this.rates),
      cpu_us: spreadOf(this.cpu),
      p50_ms: median(this.#p50),
      p99_ms: median(this.#p99),
      wechat_calls_per_1000: (this.#calls / this.#requests) * 1000,
    };
  }
}

// The form of the figures that docs/bench/results.json keeps.
import type { Spread } from './figures.ts';

export type SideFigures = {
  per_second: Spread;
  /** Time on a core for one request, in microseconds, the work of the runtime included. */
  cpu_us: Spread;
  p50_ms: number;
  p99_ms: number;
  wechat_calls_per_1000: number;
};

export type JobFigures = {
  name: string;
  wxedge: SideFigures;
  hono: SideFigures;
  /** Of wxedge to Hono: over 1 is faster. */
  rate_ratio: number;
  /** Of wxedge to Hono: under 1 takes less. */
  cpu_ratio: number;
};

/** From the start of a workerd process. */
export type ColdStart = {
  /** To the first answer, and of it after it listened: that is when the Worker's code ran first. */
  first_answer: Spread;
  answer_alone: Spread;
};

export type Pair<Value> = { wxedge: Value; hono: Value };

export type Figures = {
  quick: boolean;
  machine: { cpu: string; cores: number; system: string };
  versions: { workerd: string; hono: string };
  set_up: { rounds: number; seconds: number; connections: number; wechat_delay_ms: number };
  jobs: JobFigures[];
  /** `empty` is a Worker of one line. */
  cold_start_ms: Pair<ColdStart> & { empty: ColdStart };
  memory_bytes: { idle: Pair<number>; peak: Pair<number> };
  upload_bytes: Pair<{ raw: number; gzip: number }>;
};

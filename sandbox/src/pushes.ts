import type { App } from './apps.ts';
import type { Body } from './body.ts';
import type { Clock } from './clock.ts';
import { ControlError } from './errors.ts';
import { MAX_ANSWER_BYTES_KEPT, MAX_PUSH_ANSWER_BYTES, MAX_PUSHES, PUSH_SECONDS } from './limits.ts';
import type { PushEvent, Schedule } from './push-events.ts';
import { checkRequest, isAcknowledged, type PushRequest, pushRequest, understand, type Understood } from './push-request.ts';
import type { PushSettings } from './push-settings.ts';

/** One delivery of a push, and what it was answered. */
export type Attempt = {
  /** Unix milliseconds of the sandbox's clock. */
  at: number;
  /** HTTP status; null when there was no answer in time. */
  status: number | null;
  /** The answer, out of its encryption. */
  answer: string;
  /** Why it does not count; null when nothing is wrong with it. */
  problem: string | null;
  acknowledged: boolean;
};

export type Push = {
  number: number;
  appid: string;
  event: string;
  message: Body;
  /** `waiting` for its answer or its next repeat. */
  state: 'waiting' | 'acknowledged' | 'given_up';
  attempts: Attempt[];
};

/** Seconds before each repeat. Source: 消息推送 (message push), 虚拟支付 (virtual payment), B2b payment. */
const REPEATS: Record<Schedule, number[]> = {
  // The documents of service accounts: three times.
  usual: [5, 5, 5],
  virtual_payment: Array.from({ length: 15 }, (_, index) => 2 ** (index + 1)),
  refund_question: [3, 3],
  b2b: [10, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200],
  never: [],
};

type Sent = { push: Push; event: PushEvent; settings: PushSettings; timer: NodeJS.Timeout | undefined };

/** Delivers pushes to the servers of accounts, and repeats those that are not acknowledged. */
export class Pushes {
  #clock: Clock;
  #settings = new Map<string, PushSettings>();
  #sent = new Map<number, Sent>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  settings(app: App): PushSettings {
    const settings = this.#settings.get(app.appid);
    if (!settings) throw new ControlError(`${app.appid} has no address for pushes; POST /sandbox/push-settings sets one`, 409);
    return settings;
  }

  /** Keeps the address, as the console does: after it has given `echostr` back, under a right signature. */
  async set(app: App, settings: PushSettings): Promise<void> {
    const { url, echostr } = checkRequest(settings, this.#clock.seconds());
    const { status, answer, problem } = await ask({ url, body: '', contentType: '' }, 'GET', PUSH_SECONDS.usual);
    if (status !== 200 || answer !== echostr) {
      throw new ControlError(
        `url: does not give echostr back: ${problem ?? `HTTP ${status} ${JSON.stringify(answer.slice(0, 100))}`}`,
        409,
      );
    }
    this.#settings.set(app.appid, settings);
  }

  /** The number that the next push has. */
  get next(): number {
    return this.#count + 1;
  }

  /** Delivers a message. Resolves after the first attempt; repeats come by themselves. */
  async send(app: App, event: PushEvent, message: Body, settings: PushSettings): Promise<Push> {
    this.#count += 1;
    const push: Push = { number: this.#count, appid: app.appid, event: event.name, message, state: 'waiting', attempts: [] };
    const sent: Sent = { push, event, settings, timer: undefined };
    this.#sent.set(push.number, sent);
    this.#makeRoom();
    await this.#attempt(sent);
    return push;
  }

  /** Brings a push once more, whatever became of it, as WeChat does at times. */
  async repeat(number: number): Promise<Push> {
    const sent = this.#sent.get(number);
    if (!sent) throw new ControlError(`number: no push ${number} is kept`, 404);
    clearTimeout(sent.timer);
    await this.#attempt(sent);
    return sent.push;
  }

  list(): Push[] {
    return [...this.#sent.values()].map(({ push }) => push);
  }

  /** Forgets all, and repeats nothing any more. */
  reset(): void {
    for (const { timer } of this.#sent.values()) clearTimeout(timer);
    this.#sent.clear();
    this.#settings.clear();
    this.#count = 0;
  }

  async #attempt(sent: Sent): Promise<void> {
    const { push, event, settings } = sent;
    const message = 'RetryTimes' in push.message ? { ...push.message, RetryTimes: push.attempts.length } : push.message;
    const at = this.#clock.now();
    const limit = event.schedule === 'refund_question' ? PUSH_SECONDS.refundQuestion : PUSH_SECONDS.usual;
    const { status, answer, problem } = await ask(pushRequest(settings, push.appid, message, this.#clock.seconds()), 'POST', limit);
    const understood: Understood = problem === null ? understand(answer, settings, push.appid) : { text: answer, problem };
    const acknowledged = status === 200 && isAcknowledged(event, understood);
    const text = understood.text.slice(0, MAX_ANSWER_BYTES_KEPT);
    push.attempts.push({ at, status, answer: text, problem: understood.problem ?? null, acknowledged });
    // It may have been forgotten meanwhile.
    if (this.#sent.get(push.number) === sent) this.#plan(sent, acknowledged);
  }

  #plan(sent: Sent, acknowledged: boolean): void {
    const { push, event, settings } = sent;
    if (acknowledged || push.state === 'acknowledged') {
      push.state = 'acknowledged';
      return;
    }
    const wait = REPEATS[event.schedule][push.attempts.length - 1];
    push.state = wait === undefined ? 'given_up' : 'waiting';
    if (wait === undefined) return;
    sent.timer = setTimeout(() => void this.#attempt(sent), wait * 1000 * settings.time_factor);
    sent.timer.unref();
  }

  #makeRoom(): void {
    if (this.#sent.size <= MAX_PUSHES) return;
    const [oldest] = this.#sent.entries();
    if (!oldest) return;
    clearTimeout(oldest[1].timer);
    this.#sent.delete(oldest[0]);
  }
}

type Answered = { status: number | null; answer: string; problem: string | null };

/** One HTTP call, its answer within that many seconds and read to a limit. Never throws. */
async function ask({ url, body, contentType }: PushRequest, method: 'GET' | 'POST', seconds: number): Promise<Answered> {
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(seconds * 1000),
      ...(method === 'POST' ? { body, headers: { 'Content-Type': contentType } } : {}),
    });
    return { status: response.status, answer: await readText(response), problem: null };
  } catch (error) {
    const { message, cause } = error as Error;
    return { status: null, answer: '', problem: cause instanceof Error ? cause.message : message };
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_PUSH_ANSWER_BYTES) throw new Error(`the answer is over ${MAX_PUSH_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

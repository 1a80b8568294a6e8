// A deployment that takes pushes, with its receiver, on a clock that the test moves.
import { after } from 'node:test';

import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.ts';
import { startWorkers, workerOptions } from '../../scripts/worker.mjs';
import { type Console, type Format, post, pushOf, textMessage } from '../push/wechat.ts';
import { type Answer, send } from '../support/call.ts';
import { Clocks } from '../support/clock.ts';
import { appid, goodVars, secrets, type Vars } from '../support/wxedge.ts';
import { until } from '../support/until.ts';
import { Receiver } from './receiver.ts';

export const webhookSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
/** What the console is set to, as in the vectors. */
export const secure: Console & { aesKey: string } = {
  token: 'wxedgePushToken1',
  aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  appid,
};
export const plain: Console = { token: secure.token, appid };
export const key = 'a-key-for-events-and-users-in-the-tests';

type Options = {
  vars?: Vars;
  /** Whether the clock is moved by `advance`. */
  clock?: boolean;
  /** By how many seconds a clock that is not moved differs. */
  shift?: number;
  /** A folder in which the objects outlive the runtime. */
  persist?: string;
  receiver?: Receiver;
  sandbox?: Sandbox;
  clocks?: Clocks;
  /** On which port it answers; 0: a free one. */
  port?: number;
  /** Changes the options of the Worker; more Workers may be given. */
  change?: (options: Record<string, any>) => Record<string, unknown>[];
};

export type Deployment = Awaited<ReturnType<typeof startDeployment>>;

/** Starts it. Where it is given no receiver it has one of its own. */
export async function startDeployment({
  vars = {},
  clock = false,
  shift = 0,
  persist,
  change,
  receiver: given,
  sandbox: wechat,
  clocks = new Clocks(),
  port = 0,
}: Options = {}) {
  const receiver = given ?? (await new Receiver().start());
  const sandbox = wechat ?? (await startSandbox({ port: 0 }));
  const options: Record<string, any> = await workerOptions({
    name: 'wxedge',
    vars: {
      ...goodVars(sandbox.url),
      API_KEYS: `tests[admin,events]:${key},other:${secrets.API_KEY}`,
      PUSH_TOKEN: secure.token,
      PUSH_AES_KEY: secure.aesKey,
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET: webhookSecret,
      ...vars,
    },
  });
  if (shift !== 0) {
    const [entry] = options['modules'];
    entry.contents = `{ const now = Date.now; Date.now = () => now() + ${shift * 1000}; }\n${String(entry.contents)}`;
  }
  clocks.forget();
  if (clock) await clocks.putBefore('wxedge', options as never);
  const others = change?.(options) ?? [];
  const logs: string[] = [];
  const runtime = await startWorkers([options, ...others], {
    port,
    log: ((line: string) => void logs.push(line)) as () => void,
    ...(persist === undefined ? {} : { resourcePersistencePath: persist }),
  });
  let passed = 0;
  const here = {
    url: runtime.url,
    receiver,
    sandbox,
    logs,
    clocks,
    miniflare: runtime.miniflare,
    call: (route: string, call = {}): Promise<Answer> => send(runtime.url, route, call),
    /** A call with a key of the scopes `events` and `admin`. */
    service: (route: string): Promise<Answer> => send(runtime.url, route, { bearer: key }),
    /** Pushes a message by the deployment's time. */
    push(message: string, { as = secure, format = 'json' as Format, nonce }: { as?: Console; format?: Format; nonce?: string } = {}) {
      return post(runtime.url, pushOf(as, message, { format, timestamp: String(here.now()), ...(nonce === undefined ? {} : { nonce }) }));
    },
    text: (openid: string, id: number | string): Promise<Answer> => here.push(textMessage(openid, id)),
    /** The events of a state, as the route lists them. */
    async events(query = ''): Promise<Record<string, any>[]> {
      return (await here.service(`GET /v1/events?${query}`)).json['events'] as Record<string, any>[];
    },
    /** Its time, in Unix seconds. */
    now: (): number => Math.floor(Date.now() / 1000) + passed + shift,
    /** The alarms of the shards that have one, in Unix seconds. Needs `clock`. */
    async alarms(): Promise<number[]> {
      const objects = (await runtime.miniflare.getDurableObjectNamespace('EVENTS')) as any;
      const shards = Array.from({ length: 16 }, (_, shard) => objects.get(objects.idFromName(`${appid}:${shard}`)));
      const all = await Promise.all(shards.map((shard) => shard.nextAlarm() as Promise<number | null>));
      return all.filter((at) => at !== null).map((at) => at / 1000);
    },
    /** Lets so many seconds pass, with what rings meanwhile, and what that begins. */
    async advance(seconds: number, inRounds = false): Promise<void> {
      passed += seconds;
      await clocks.advance(runtime.miniflare as never, seconds, inRounds);
    },
    /** Waits until so many deliveries have come. */
    delivered: (count: number) => until(`${count} deliveries came`, () => receiver.deliveries.length >= count),
    /** Waits until nothing is pending. */
    settled: () => until('nothing is pending', async () => (await here.events('state=pending')).length === 0),
    /** Ends the runtime alone. */
    stop: () => runtime.close(),
    async close(): Promise<void> {
      await runtime.close();
      if (given === undefined) await receiver.close();
      if (wechat === undefined) await sandbox.close();
    },
  };
  return here;
}

/** One for a whole test file, closed after its tests. */
export async function deployment(options: Options = {}): Promise<Deployment> {
  const here = await startDeployment(options);
  after(() => here.close());
  return here;
}

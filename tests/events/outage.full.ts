// Ten thousand pushes, three in ten of them sent again, to a receiver that fails half the time, hangs and answers wrongly,
// while workerd is killed ten times: counted.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { startSandbox } from '../../sandbox/src/sandbox.ts';
import { textMessage } from '../push/wechat.ts';
import { Clocks } from '../support/clock.ts';
import { killRuntime } from '../support/kill.ts';
import { until } from '../support/until.ts';
import { type Deployment, startDeployment } from './deployment.ts';
import { accept, type Delivery, Receiver, refuse, say } from './receiver.ts';

const USERS = 250;
const EACH = 40;
const PUSHES = USERS * EACH;
const REPEATED = 0.3;
const KILLS = 10;
/** How many deliveries hang. Each holds up one of four of its shard for ten seconds. */
const HANGS = 40;
/** How often one delivery fails at most: so its pauses are up to ten minutes, and the run has an end. */
const MOST_FAILURES = 4;
const SENDERS = 25;

/** How many seconds pass at once while anything may be under way. A try has 15 by the clock that is moved, so it needs some steps. */
const STEP = 5;
const UNDER_WAY = 15;

/** Numbers that are the same at each run. */
let state = 16;
const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;

type Push = { user: number; number: number };

const openidOf = (user: number): string => `crowd-${user}`;
const messageOf = ({ user, number }: Push): string => textMessage(openidOf(user), user * EACH + number);

/** What the receiver has taken, by user, each at its first time; and how often in all. */
class Book {
  taken = Array.from({ length: USERS }, (): number[] => []);
  tries = 0;
  again = 0;
  hangs = 0;
  #open = 0;
  #tries = new Map<string, number>();

  takes({ event }: Delivery): void {
    const id = Number(event.data['MsgId']);
    const numbers = this.taken[Math.floor(id / EACH)] ?? [];
    if (numbers.includes(id % EACH)) this.again += 1;
    else numbers.push(id % EACH);
  }

  get count(): number {
    return this.taken.reduce((sum, numbers) => sum + numbers.length, 0);
  }

  /** Whether nothing is being answered. What hangs does not count. */
  get isQuiet(): boolean {
    return this.#open === 0;
  }

  answer(delivery: Delivery, response: Parameters<typeof accept>[1]): void {
    this.tries += 1;
    const tries = (this.#tries.get(delivery.id) ?? 0) + 1;
    this.#tries.set(delivery.id, tries);
    const fate = tries > MOST_FAILURES ? 1 : random();
    this.#open += 1;
    response.on('close', () => {
      this.#open -= 1;
    });
    if (fate < 0.4) return refuse(delivery, response);
    if (fate < 0.45) return void response.writeHead(302, { Location: '/' }).end();
    if (fate < 0.5) return void response.destroy();
    if (fate < 0.51 && this.hangs < HANGS) {
      this.hangs += 1;
      this.#open -= 1;
      response.removeAllListeners('close');
      return;
    }
    this.takes(delivery);
    return (fate < 0.6 ? say('x'.repeat(70_000)) : accept)(delivery, response);
  }
}

test(`${PUSHES} pushes: each is delivered, in the order of its user, whatever breaks`, { timeout: 3_600_000 }, async (context) => {
  const persist = await mkdtemp(path.join(tmpdir(), 'wxedge-events-'));
  const [sandbox, receiver, clocks, book] = [await startSandbox({ port: 0 }), await new Receiver().start(), new Clocks(), new Book()];
  receiver.manner = (delivery, response) => book.answer(delivery, response);
  let passed = 0;
  const start = async (): Promise<Deployment> => startDeployment({ clock: true, persist, sandbox, receiver, clocks });
  let here = await start();
  context.after(async () => {
    await here.stop();
    await receiver.close();
    await sandbox.close();
    await rm(persist, { recursive: true, force: true });
  });

  const acknowledged = new Set<string>();
  let sent = 0;
  let restarting: Promise<void> | undefined;

  /** Sends until it is acknowledged, as WeChat does. */
  async function deliver(push: Push): Promise<void> {
    for (;;) {
      await restarting;
      sent += 1;
      const answer = await here.push(messageOf(push)).catch(() => undefined);
      if (answer?.status === 200) {
        assert.equal(answer.text, 'success');
        acknowledged.add(`${push.user} ${push.number}`);
        return;
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  }

  /** One user's messages, one after the other, some of them again. */
  async function customer(user: number): Promise<void> {
    for (let number = 0; number < EACH; number += 1) {
      await deliver({ user, number });
      if (random() < REPEATED) await deliver({ user, number: Math.floor(random() * (number + 1)) });
    }
  }

  async function restart(): Promise<void> {
    await clocks.remember(here.miniflare as never);
    killRuntime();
    await here.stop().catch(() => {});
    here = await start();
  }

  const users = Array.from({ length: USERS }, (_, user) => user);
  const senders = Promise.all(
    Array.from({ length: SENDERS }, async () => {
      for (let user = users.pop(); user !== undefined; user = users.pop()) await customer(user);
    }),
  );
  for (let kills = 1; kills <= KILLS; kills += 1) {
    const goal = Math.floor((PUSHES * kills) / (KILLS + 1));
    await until(`${goal} are acknowledged`, () => acknowledged.size >= goal, 600_000);
    restarting = restart();
    await restarting;
  }
  await senders;
  assert.equal(acknowledged.size, PUSHES);

  // All is sent. Time passes until all is taken: little by little, so that a try has the time it has.
  while ((await here.events('state=pending')).length > 0) {
    const idle = Math.floor(Math.min(...(await here.alarms())) - here.now());
    const step = idle > UNDER_WAY ? idle - 1 : STEP;
    await here.advance(step);
    passed += step;
    await until('the tries are answered', () => book.isQuiet, 60_000);
  }
  receiver.deliveries = [];

  const dead = await here.events('state=dead');
  assert.deepEqual(dead, [], 'none died');
  assert.equal(book.count, PUSHES, 'none is lost');
  for (const [user, numbers] of book.taken.entries()) {
    assert.deepEqual(
      numbers,
      Array.from({ length: EACH }, (_, number) => number),
      `${openidOf(user)} in order`,
    );
  }
  context.diagnostic(
    `${PUSHES} pushes sent ${sent} times, ${KILLS} kills; ${book.tries} tries, ${book.hangs} of them hung, ` +
      `${book.again} taken more than once; ${Math.round(passed / 60)} minutes passed`,
  );
});

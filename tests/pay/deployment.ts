// A deployment with payment, its WeChat Pay the sandbox's, on a clock that the test moves where it asks for that.
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

import type { PaymentParameters } from '../../sandbox/src/pay/client.ts';
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.ts';
import { type Deployment, startDeployment } from '../events/deployment.ts';
import type { Answer, Json } from '../support/call.ts';
import { until } from '../support/until.ts';
import { appid, type Vars } from '../support/wxedge.ts';

/** A key of the scopes `pay`, `admin` and `events`, called `shop`. */
export const key = 'a-key-for-orders-and-refunds-in-the-tests';
/** One of `pay` alone, called `clerk`. */
export const clerk = 'a-key-for-orders-without-admin-in-tests';
/** Alice's, of the sandbox. */
export type Shopper = { token: string; openid: string };

export type Shop = Deployment & {
  sandbox: Sandbox;
  pay: Sandbox['pay'];
  service(route: string, body?: unknown): Promise<Answer>;
  login(user: string): Promise<Shopper>;
  order(by: { openid: string }, more?: Json): Promise<Answer>;
  state(number: string): Promise<unknown>;
  is(number: string, state: string): Promise<Json>;
  pass(seconds: number): Promise<void>;
};

type Options = Parameters<typeof startDeployment>[0] & { mode?: 'pubkey' | 'grey' | 'cert' };

let made = 0;

/** A number that no other test has. */
export const newNumber = (): string => `T${process.pid}_${String((made += 1)).padStart(6, '0')}`;

export const paymentOf = (answer: Answer): PaymentParameters => answer.json['payment'] as PaymentParameters;

/** The settings of payment. */
export const payVars = (sandbox: Sandbox, port: number): Vars => ({
  ...sandbox.pay.settings(),
  PUBLIC_URL: `http://127.0.0.1:${port}`,
  API_KEYS: `shop[pay,admin,events]:${key},clerk[pay]:${clerk},tests[admin,events]:a-key-for-events-and-users-in-the-tests`,
});

export async function startShop({ mode, vars = {}, ...options }: Options = {}): Promise<Shop> {
  const sandbox = options.sandbox ?? (await startSandbox({ port: 0, payPort: 0 }));
  if (mode !== undefined) await sandbox.pay.setConsole({ mode });
  const port = options.port ?? (await freePort());
  const here = await startDeployment({ ...options, sandbox, port, vars: { ...payVars(sandbox, port), ...vars } });
  const shop: Shop = Object.assign(here, {
    sandbox,
    pay: sandbox.pay,
    service: (route: string, body?: unknown) => here.call(route, { bearer: key, ...(body === undefined ? {} : { body }) }),
    async login(user: string) {
      const { code } = sandbox.loginCode({ appid, user });
      const { json } = await here.call('POST /v1/login', { body: { code } });
      return json as Shopper;
    },
    order: ({ openid }: { openid: string }, more: Json = {}) =>
      shop.service('POST /v1/pay/orders', { out_trade_no: newNumber(), description: '围巾', amount: 100, openid, ...more }),
    state: async (number: string) => (await shop.service(`GET /v1/pay/orders/${number}`)).json['state'],
    is: (number: string, state: string) =>
      until(`${number} is ${state}`, async () => {
        const { json } = await shop.service(`GET /v1/pay/orders/${number}`);
        return json['state'] === state ? json : undefined;
      }),
    async pass(seconds: number) {
      sandbox.setClock({ advance_seconds: seconds });
      await here.advance(seconds);
    },
  });
  const { close } = here;
  shop.close = async () => {
    await close();
    if (options.sandbox === undefined) await sandbox.close();
  };
  return shop;
}

/** One for a whole test file, closed after its tests. */
export async function shop(options: Options = {}): Promise<Shop> {
  const here = await startShop(options);
  after(() => here.close());
  return here;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

// What a crowd costs: WeChat's calls, counted where they arrive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callsOf, runtime, secrets, strangers } from '../support/wxedge.ts';
import { crowd, type Seen, tally, type Visit } from '../support/crowd.ts';
import { API, SCHEME, UNLIMITED, URL_LINK } from '../support/platform.ts';
import { VISITORS } from '../support/visitors.ts';

const REQUESTS = 10_000;
const CODES = 100;
/** Connections at the same moment: the clients and WeChat share a process here, and WeChat has to answer in ten seconds. */
const ALL_AT_ONCE = 400;
const running = await runtime(strangers(['codes', 'links']));
const { sandbox } = running;
const key = { authorization: `Bearer ${secrets.API_KEY}` };

/** 100 different codes over and over, a third of them from each API. */
const codes: Visit[] = Array.from({ length: REQUESTS }, (_, n) => {
  const code = n % CODES;
  const [path, body] = [
    ['/v1/wxacode', { path: `pages/index/index?code=${code}`, width: 280 }],
    ['/v1/wxacode/unlimited', { scene: `code=${code}`, width: 280 }],
    ['/v1/qrcode', { path: `pages/index/index?code=${code}`, width: 280 }],
  ][code % 3] as [string, unknown];
  return { method: 'POST' as const, path, headers: key, body };
});

/** As many visits, each with a parameter of its own: pages on phones, in WeChat and on desktops, and pages of others. */
function visits(name: string): Visit[] {
  const agents = [VISITORS.ios, VISITORS.wechat_android, VISITORS.android, VISITORS.wechat_ios, VISITORS.wecom_ios];
  return Array.from({ length: REQUESTS }, (_, n) => ({
    path: `${n % 2 === 0 ? `/go/${name}` : `/v1/links/${name}/open`}?id=visitor-${n}`,
    headers: { 'user-agent': agents[n % agents.length] ?? VISITORS.ios },
  }));
}

const madeOf = (): number => callsOf(sandbox, API['/v1/wxacode']) + callsOf(sandbox, UNLIMITED) + callsOf(sandbox, API['/v1/qrcode']);

test(`${REQUESTS} requests for ${CODES} codes, all at once and cold, cost ${CODES} calls`, async () => {
  const images = new Map<string, Set<string>>();
  const statuses: number[] = [];
  await crowd(running.workers.codes.url, codes, ALL_AT_ONCE, ({ status, bytes }, { path, body }) => {
    statuses.push(status);
    const code = `${path} ${JSON.stringify(body)}`;
    images.set(code, (images.get(code) ?? new Set()).add(`${bytes.length} ${bytes.subarray(-64).toString('hex')}`));
  });
  assert.deepEqual(tally(statuses), { 200: REQUESTS });
  assert.equal(images.size, CODES);
  for (const [code, different] of images) assert.equal(different.size, 1, `one image for ${code}`);
  assert.equal(madeOf(), CODES);
});

test(`${REQUESTS} visits with as many different parameters, all at once and cold, cost one call for each kind of door`, async () => {
  const worker = running.workers.links;
  const put = await worker.service('PUT /v1/links/storm', { path: 'pages/index/index', query: 'from=h5', allow: ['id'] });
  assert.equal(put.status, 200, put.text);
  const [schemes, urlLinks, images] = [callsOf(sandbox, SCHEME), callsOf(sandbox, URL_LINK), madeOf()];
  const statuses: number[] = [];
  const doors = new Set<string>();
  const own = new Set<string>();
  await crowd(worker.url, visits('storm'), ALL_AT_ONCE, (seen, { path }) => {
    statuses.push(seen.status);
    if (!path.includes('/open')) return;
    const { openlink } = JSON.parse(seen.bytes.toString('utf8')) as { openlink: string };
    const [door = ''] = openlink.split('&cq=');
    doors.add(door);
    own.add(openlink);
    noteWrong(seen, path, openlink);
  });
  assert.deepEqual(tally(statuses), { 200: REQUESTS });
  assert.equal(doors.size, 1, 'one scheme for all');
  assert.equal(own.size, REQUESTS / 2, 'with parameters of his own for each');
  assert.equal(callsOf(sandbox, SCHEME) - schemes, 1);
  assert.equal(callsOf(sandbox, URL_LINK) - urlLinks, 1);
  assert.equal(madeOf() - images, 0, 'no anonymous visit has a code made');
});

function noteWrong({ headers }: Seen, path: string, openlink: string): void {
  const id = /id=(visitor-\d+)$/.exec(path)?.[1] ?? '';
  assert.ok(openlink.includes(id), `${path} got ${openlink}`);
  assert.equal(headers['cache-control'], 'no-store');
}

// What a crowd of visitors costs: WeChat's calls for the doors of a link, counted where they arrive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callsOf, wxedge } from '../support/wxedge.ts';
import { crowd, type Seen, tally, type Visit } from '../support/crowd.ts';
import { API, SCHEME, UNLIMITED, URL_LINK } from '../support/platform.ts';
import { VISITORS } from '../support/visitors.ts';

const REQUESTS = 10_000;
/** Connections at the same moment: the clients and WeChat share a process here, and WeChat has to answer in ten seconds. */
const ALL_AT_ONCE = 400;
const { worker, sandbox } = await wxedge();

/** Each with a parameter of its own: pages on phones, in WeChat and on desktops, and pages of others. */
function visits(name: string): Visit[] {
  const agents = [VISITORS.ios, VISITORS.wechat_android, VISITORS.android, VISITORS.wechat_ios, VISITORS.wecom_ios];
  return Array.from({ length: REQUESTS }, (_, n) => ({
    path: `${n % 2 === 0 ? `/go/${name}` : `/v1/links/${name}/open`}?id=visitor-${n}`,
    headers: { 'user-agent': agents[n % agents.length] ?? VISITORS.ios },
  }));
}

test(`${REQUESTS} visits with as many different parameters, all at once and cold, cost one call for each kind of door`, async () => {
  const put = await worker.service('PUT /v1/links/storm', { path: 'pages/index/index', query: 'from=h5', allow: ['id'] });
  assert.equal(put.status, 200, put.text);
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
  assert.equal(callsOf(sandbox, SCHEME), 1);
  assert.equal(callsOf(sandbox, URL_LINK), 1);
  for (const path of [API['/v1/wxacode'], UNLIMITED, API['/v1/qrcode']])
    assert.equal(callsOf(sandbox, path), 0, 'no anonymous visit has a code made');
});

function noteWrong({ headers }: Seen, path: string, openlink: string): void {
  const id = /id=(visitor-\d+)$/.exec(path)?.[1] ?? '';
  assert.ok(openlink.includes(id), `${path} got ${openlink}`);
  assert.equal(headers['cache-control'], 'no-store');
}

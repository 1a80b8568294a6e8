// Fifty processes of three SDKs, whose token at WeChat is killed: long, and alone, since each is a process of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { apiKeys, keyOf } from '../as-wechat/surface.ts';
import { callsOf, runtime, secrets } from '../support/wxedge.ts';
import { SDKS, sdks } from './as-wechat.ts';

const STABLE = '/cgi-bin/stable_token';
const PROCESSES = 50;

const { workers, sandbox } = await runtime({ main: { vars: { API_KEYS: apiKeys() } } });
sandbox.setQuota({ name: 'links_second', limit: 1_000_000 });
const start = await sdks();

test('50 processes on a killed token: one token call at WeChat, no failed request, no AppSecret in any of them', async () => {
  const processes = Array.from({ length: PROCESSES }, (_, number) =>
    start(SDKS[number % SDKS.length] ?? 'wechatpy', workers.main.url, keyOf('sdk')),
  );
  for (const { given } of processes) assert.ok(!given.some((text) => text.includes(secrets.WECHAT_SECRET)));
  const all = (): Promise<string[]> => Promise.all(processes.map(({ does }) => does({ task: 'link' })));
  // A process at a time, so that none starves while the others start.
  for (const { does } of processes) await does({ task: 'link' });
  assert.equal(callsOf(sandbox, STABLE), 1, 'one for all of them');
  for (let kills = 1; kills <= 3; kills += 1) {
    sandbox.killTokens();
    // Every one of them calls at once, with a token of its own.
    const links = await all();
    assert.equal(links.filter((link) => link.startsWith('weixin://dl/business/')).length, PROCESSES);
    assert.equal(callsOf(sandbox, STABLE), 1 + kills);
  }
  assert.equal(callsOf(sandbox, '/cgi-bin/token'), 0);
});

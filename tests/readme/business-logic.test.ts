// The README's example of one's own logic, run as it stands there.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { startSandbox } from '../../sandbox/src/sandbox.ts';
import { startWorkers, workerOptions } from '../../scripts/worker.mjs';
import { goodVars } from '../support/wxedge.ts';

let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let workers: Awaited<ReturnType<typeof startWorkers>>;

before(async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const contents = /```js\n([^]*?)```/.exec(readme)?.[1];
  assert.ok(contents, 'the README shows the example');
  sandbox = await startSandbox({ port: 0 });
  const own = {
    name: 'own',
    compatibilityDate: '2026-11-01',
    modules: [{ type: 'ESModule', path: 'own.mjs', contents }],
    serviceBindings: { WXEDGE: 'wxedge' },
  };
  workers = await startWorkers([own, await workerOptions({ vars: goodVars(sandbox.url) })]);
});

after(async () => {
  await workers.close();
  await sandbox.close();
});

test("a Worker of one's own learns who calls by a service binding", async () => {
  const wxedge = (await workers.miniflare.getWorker('wxedge')) as unknown as { fetch: typeof fetch };
  const { code, openid } = sandbox.loginCode({});
  const login = await wxedge.fetch('https://wxedge/v1/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  const { token } = (await login.json()) as { token: string };
  const hello = await fetch(workers.url, { headers: { Authorization: `Bearer ${token}` } });
  assert.deepEqual(await hello.json(), { hello: openid });
});

test('it passes on the problem of somebody who is not logged in', async () => {
  const refused = await fetch(workers.url);
  assert.equal(refused.status, 401);
  assert.equal(((await refused.json()) as { code: string }).code, 'unauthenticated');
});

test('it passes on who logs in, so that one client who does so too often keeps nobody else out', async () => {
  const own = (await workers.miniflare.getWorker('own')) as unknown as { fetch: typeof fetch };
  const login = async (address: string): Promise<number> =>
    (
      await own.fetch('https://own.example.com/v1/login', {
        method: 'POST',
        body: '{}',
        headers: { 'Content-Type': 'application/json', 'CF-Connecting-IP': address },
      })
    ).status;
  const statuses = new Set<number>();
  // 300 a minute; where the next minute begins meanwhile, as many more are let in.
  for (let turn = 0; turn < 601 && !statuses.has(429); turn += 1) statuses.add(await login('203.0.113.7'));
  assert.deepEqual([...statuses], [400, 429]);
  assert.equal(await login('203.0.113.8'), 400);
});

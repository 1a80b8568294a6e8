import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { runCases } from './cases.ts';
import type { Client } from './cases.ts';

const DIST = fileURLToPath(new URL('../../pkg/dist/', import.meta.url));

const MODULES: [string, () => Promise<Client>][] = [
  ['ES module', () => import(pathToFileURL(join(DIST, 'node.js')).href)],
  ['CommonJS', async () => createRequire(import.meta.url)(join(DIST, 'node.cjs'))],
  ['web module', () => import(pathToFileURL(join(DIST, 'web.js')).href)],
];

for (const [name, load] of MODULES) {
  describe(name, () => {
    test('a function called before ready is not ready', async () => {
      const client = await load();
      assert.throws(() => client.parseScene('a'), { name: 'WxedgeError', code: 'not_ready' });
    });

    test('every case of the table is answered as the table says', async () => {
      const client = await load();
      await client.ready();
      runCases(client);
    });

    test('no launch throws, whatever its properties do', async () => {
      const client = await load();
      await client.ready();
      const boom = () => {
        throw new Error('boom');
      };
      const cyclic: Record<string, unknown> = { scene: 1037, referrerInfo: { appId: 'wx1' } };
      (cyclic.referrerInfo as Record<string, unknown>).extraData = cyclic;
      assert.equal(client.parseLaunch(cyclic).referrer.extraData, cyclic);
      const throwing = Object.defineProperty({ scene: 1001 }, 'query', { get: boom, enumerable: true });
      assert.equal(client.parseLaunch(throwing).scene, 1001);
      const throwingValue = { query: Object.defineProperty({ a: '1' }, 'b', { get: boom, enumerable: true }) };
      assert.deepEqual(client.parseLaunch(throwingValue).query, { a: '1' });
      const proxy = new Proxy({}, { get: boom, ownKeys: boom });
      for (const options of [proxy, { query: proxy, referrerInfo: proxy }, Object.freeze({}), boom, Symbol('x'), 1n, '']) {
        assert.equal(client.parseLaunch(options).path, '');
      }
      assert.equal(client.parseLaunch({ query: { a: '\ud800' } }).query.a, '\ufffd');
    });

    test('a result is a fresh object each time', async () => {
      const client = await load();
      await client.ready();
      client.sceneInfo(1047).name = 'changed';
      assert.notEqual(client.sceneInfo(1047).name, 'changed');
    });

    test('what buildQuery writes parseQuery reads', async () => {
      const client = await load();
      await client.ready();
      for (let seed = 0; seed < 500; seed += 1) {
        const params = { [`k${String.fromCodePoint((seed * 37) % 0xd7ff)}`]: `v&=%${String.fromCodePoint(0x1f300 + seed)}` };
        assert.deepEqual(client.parseQuery(client.buildQuery(params)), params);
      }
    });
  });
}

test('ready says where the wasm is not, and can be tried again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wxedge-'));
  try {
    await cp(join(DIST, 'node.js'), join(folder, 'node.mjs'));
    const client: Client = await import(pathToFileURL(join(folder, 'node.mjs')).href);
    await assert.rejects(client.ready(), (error: any) => {
      assert.equal(error.code, 'wasm_not_found');
      assert.match(error.message, /wxedge\.wasm/);
      assert.match(error.hint, /ready\(\{ path \}\)/);
      return true;
    });
    await assert.rejects(client.ready({ path: join(folder, 'node.mjs') }), { code: 'wasm_invalid' });
    await client.ready({ path: join(DIST, 'wxedge.wasm') });
    assert.equal(client.ready(), client.ready());
    assert.equal(client.parseScene('a').raw, 'a');
  } finally {
    await rm(folder, { recursive: true });
  }
});

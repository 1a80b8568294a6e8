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
      const revoked = Proxy.revocable({}, {});
      revoked.revoke();
      const odd = [proxy, revoked.proxy, Object.freeze({}), boom, Symbol('x'), 1n, '', NaN, [[]], new Date(NaN), new Map(), undefined];
      for (const value of odd) {
        assert.equal(client.parseLaunch(value).path, '');
        const launch = client.parseLaunch({ scene: value, path: value, query: value, referrerInfo: value });
        assert.deepEqual([launch.query, launch.code, launch.link, launch.referrer], [{}, null, null, null]);
        assert.deepEqual(client.parseLaunch({ query: { scene: value, q: value } }).referrer, null);
      }
      const bare = Object.assign(Object.create(null), { scene: 1047, query: Object.assign(Object.create(null), { scene: 'a%3D1' }) });
      assert.deepEqual(client.parseLaunch(bare).code.params, { a: '1' });
      assert.equal(client.parseLaunch({ query: { a: '\ud800' } }).query.a, '\ufffd');
    });

    test('huge and strange texts are read to their end', async () => {
      const client = await load();
      await client.ready();
      const huge = '%E8%8C%B6'.repeat(100000);
      assert.equal(client.parseLaunch({ query: { a: huge } }).query.a.length, 100000);
      const all = Array.from({ length: 0x2ff }, (_, code) => String.fromCharCode(code)).join('');
      assert.equal(client.parseLaunch({ query: { a: all } }).query.a, all);
      assert.equal(client.parseQuery(`a=${encodeURIComponent(all)}`).a, all);
      const many = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`k${index}`, '1']));
      assert.equal(Object.keys(client.parseLaunch({ query: many }).query).length, 1024);
      assert.equal(client.parseLaunch({ path: 'pages/a' }).path, 'pages/a');
    });

    test('a property named __proto__ is a property like others', async () => {
      const client = await load();
      await client.ready();
      const query = JSON.parse('{"__proto__":"1"}');
      for (const params of [client.parseLaunch({ query }).query, client.parseQuery('__proto__=1')]) {
        assert.deepEqual(Object.entries(params), [['__proto__', '1']]);
        assert.equal(Object.getPrototypeOf(params), Object.prototype);
      }
    });

    test('parameters are written in their order', async () => {
      const client = await load();
      await client.ready();
      assert.equal(client.buildQuery({ z: 1, a: 2 }), 'z=1&a=2');
      assert.equal(client.buildScene({ z: 1, a: 2 }), 'z=1&a=2');
    });

    test('what is built parses back, or is refused', async () => {
      const client = await load();
      await client.ready();
      const random = randomFrom(20260801);
      let built = 0;
      for (let round = 0; round < 3000; round += 1) {
        const params = Object.fromEntries(
          Array.from({ length: 1 + (random() % 3) }, () => [textOf(random, 4), textOf(random, 7)]),
        );
        assert.deepEqual(client.parseQuery(client.buildQuery(params)), params);
        const path = client.buildPath('pages/a', params);
        assert.deepEqual(client.parseQuery(path.slice('pages/a?'.length)), params);
        const page = client.phonePage('pages/phone', { from: path, redirect: '/pages/b', params: { x: textOf(random, 9) } });
        assert.equal(client.parseQuery(page.slice('pages/phone?'.length)).from, path);
        try {
          const scene = client.parseScene(client.buildScene(params));
          assert.deepEqual(scene.params, params);
          assert.equal(scene.stored, false);
          assert.deepEqual(client.parseLaunch({ scene: 1047, query: { scene: encodeURIComponent(scene.raw) } }).code, scene);
          built += 1;
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'invalid_argument');
        }
      }
      assert.ok(built > 100, `${built} scenes`);
    });

    test('no launch of random texts throws', async () => {
      const client = await load();
      await client.ready();
      const random = randomFrom(7);
      for (let round = 0; round < 3000; round += 1) {
        const query = { [textOf(random, 3)]: textOf(random, 9), q: textOf(random, 20), scene: textOf(random, 20), scancode_time: textOf(random, 4) };
        const launch = client.parseLaunch({ scene: random() % 1500, path: textOf(random, 9), query });
        assert.equal(launch.source.value, launch.scene);
        if (launch.code) assert.equal(launch.code.raw, launch.query.scene);
        client.parseScan({ result: query.q, path: query.scene, scanType: 'QR_CODE' });
        assert.equal(client.matchLinkRule(`https://a.cn/${query.q}`, `https://a.cn/${query.q}`), true);
      }
    });

    test('a result is a fresh object each time', async () => {
      const client = await load();
      await client.ready();
      client.sceneInfo(1047).name = 'changed';
      assert.notEqual(client.sceneInfo(1047).name, 'changed');
    });
  });
}

/** The same numbers in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

/** A text of up to so many characters, most of them such as matter to a parser. */
function textOf(random: () => number, longest: number): string {
  const characters = [...'ab1=&%?#/:~.+-_ 茶🍵\0"', '%E8%8C%B6', '%3D', '%00', '%', '://'];
  return Array.from({ length: random() % (longest + 1) }, () => characters[random() % characters.length]).join('');
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

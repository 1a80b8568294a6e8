import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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
      const huge = '%E8%8C%B6'.repeat(20_000);
      assert.equal(client.parseLaunch({ query: { a: huge } }).query.a.length, 20_000);
      // Every character of the first plane; a search for one that it does not hold took minutes and gigabytes.
      const all = Array.from({ length: 0xd800 }, (_, code) => String.fromCharCode(code)).join('');
      assert.equal(client.parseLaunch({ query: { a: all, b: '🍵' } }).query.a, all);
      const encoded = all.slice(0, 20_000);
      assert.equal(client.parseQuery(`a=${encodeURIComponent(encoded)}`).a, encoded);
      const many = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`k${index}`, '1']));
      assert.equal(Object.keys(client.parseLaunch({ query: many }).query).length, 1024);
      assert.equal(client.parseLaunch({ path: 'pages/a' }).path, 'pages/a');
    });

    test('a call that is longer than the limit is read as an empty one, or refused where something is written', async () => {
      const client = await load();
      await client.ready();
      const longest = 'a'.repeat(LIMIT - 50);
      assert.equal(client.parseLaunch({ path: 'pages/a', query: { longest } }).query.longest, longest);
      const tooLong = longest + longest;
      const launch = client.parseLaunch({ scene: 1047, path: 'pages/a', query: { tooLong }, referrerInfo: { appId: 'wx1' } });
      assert.deepEqual([launch.scene, launch.path, launch.query, launch.referrer], [null, '', {}, { appId: 'wx1' }]);
      assert.deepEqual(client.parseQuery(`a=${tooLong}`), {});
      const short = Object.fromEntries(Array.from({ length: LIMIT }, (_, index) => [index, '']));
      assert.deepEqual(client.parseLaunch({ query: short }).query, {});
      const refused = { name: 'WxedgeError', code: 'invalid_argument', message: /shorter than 262144 characters/ };
      assert.throws(() => client.buildQuery({ a: tooLong }), refused);
      assert.throws(() => client.sessionRequest('https://a.cn', { token: tooLong }), refused);
      assert.throws(() => client.checkPages({ pages: [] }, [tooLong]), refused);
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
        const params = Object.fromEntries(Array.from({ length: 1 + (random() % 3) }, () => [textOf(random, 4), textOf(random, 7)]));
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
        const query = {
          [textOf(random, 3)]: textOf(random, 9),
          q: textOf(random, 20),
          scene: textOf(random, 20),
          scancode_time: textOf(random, 4),
        };
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

/** The longest call, in characters. */
const LIMIT = 262_144;

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

test('a wasm that has stopped starts anew by itself', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wxedge-'));
  const { instantiate } = WebAssembly;
  const memories: WebAssembly.Memory[] = [];
  try {
    await cp(join(DIST, 'node.js'), join(folder, 'node.mjs'));
    const client: Client = await import(pathToFileURL(join(folder, 'node.mjs')).href);
    WebAssembly.instantiate = async (...given: unknown[]) => {
      const started = await (instantiate as (...given: unknown[]) => Promise<any>)(...given);
      memories.push(started.instance.exports.memory);
      return started;
    };
    await client.ready({ path: join(DIST, 'wxedge.wasm') });
    // A device without memory: the wasm holds all that it may, so that a longer call gets none.
    memories[0]?.grow(65_536 - memories[0].buffer.byteLength / 65_536);
    const trapped = { name: 'WxedgeError', code: 'wasm_trapped', retryable: true, hint: /await ready\(\)/ };
    assert.throws(() => client.parseQuery('a'.repeat(200_000)), trapped);
    assert.throws(() => client.parseScene('a'), { code: 'not_ready' });
    await client.ready();
    assert.equal(client.parseScene('a').raw, 'a');
    assert.equal(memories.length, 2);

    // The next start fails: ready() says so, and can be called again.
    memories[1]?.grow(65_536 - memories[1].buffer.byteLength / 65_536);
    WebAssembly.instantiate = async () => Promise.reject(new Error('out of memory'));
    assert.throws(() => client.parseQuery('a'.repeat(200_000)), trapped);
    await assert.rejects(client.ready(), { code: 'wasm_invalid' });
    WebAssembly.instantiate = instantiate;
    await client.ready({ path: join(DIST, 'wxedge.wasm') });
    assert.equal(client.parseScene('a').raw, 'a');
  } finally {
    WebAssembly.instantiate = instantiate;
    await rm(folder, { recursive: true });
  }
});

const PRINTED: [build: string, load: string, lines: boolean][] = [
  ['ES module', `const client = await import(${JSON.stringify(pathToFileURL(join(DIST, 'node.js')).href)});`, true],
  ['CommonJS', `const client = (await import('node:module')).createRequire(${JSON.stringify(DIST)})('./node.cjs');`, true],
  ['web module', `const client = await import(${JSON.stringify(pathToFileURL(join(DIST, 'web.js')).href)});`, false],
];

for (const [build, load, lines] of PRINTED) {
  test(`an error of the ${build} prints with its name${lines ? ', and an uncaught one with lines that can be read' : ''}`, () => {
    const run = (call: string) => spawnSync(process.execPath, ['--input-type=module', '-e', `${load} ${call}`], { encoding: 'utf8' });
    const caught = run(`try { client.parseScene('a') } catch (error) { console.log(error); console.log(error.stack); }`);
    assert.equal(caught.stdout.match(/^WxedgeError: the wasm of wxedge is not loaded yet/gm)?.length, 2, caught.stdout);
    if (!lines) return;
    const { stderr } = run(`client.parseScene('a');`);
    assert.match(stderr, /^ +throw new WxedgeError\("not_ready"[^]*\n +at (Module\.|Object\.)?parseScene /m);
    assert.ok(Math.max(...stderr.split('\n').map((line) => line.length)) < 300, stderr);
  });
}

// The same table of cases in each runtime that is no browser.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { CASES, answerOf, assertAnswers } from './cases.ts';
import type { Answer, Client } from './cases.ts';
import { Phone } from './phone.ts';
import type { Options } from './phone.ts';

const PACKAGE = fileURLToPath(new URL('../../pkg/', import.meta.url));

// A code package as 构建 npm leaves it, and one whose wasm lies elsewhere.
const code = await mkdtemp(join(tmpdir(), 'wxedge-phone-'));
await cp(join(PACKAGE, 'miniprogram_dist'), join(code, 'miniprogram_npm', 'wxedge'), { recursive: true });
await cp(join(PACKAGE, 'miniprogram_dist', 'wxedge.wasm'), join(code, 'static', 'here.wasm'));
after(() => rm(code, { recursive: true }));

const clientOn = (options: Options): Client => new Phone(code, options).require('miniprogram_npm/wxedge');

const PHONES: [string, Options, object | undefined][] = [
  ['a phone whose WXWebAssembly gives an instance', {}, undefined],
  ['a phone whose WXWebAssembly gives module and instance', { wasm: 'both' }, undefined],
  ['a phone with the wasm at another place', {}, { path: '/static/here.wasm' }],
  ['a phone without WXWebAssembly', { wasm: 'none' }, undefined],
  ['a phone that is told to take the pure build', {}, { pure: true }],
];

for (const [name, options, how] of PHONES) {
  test(`${name} answers every case`, async () => {
    const client = clientOn(options);
    assert.throws(() => client.parseScene('a'), { code: 'not_ready' });
    await client.ready(how);
    assertAnswers(CASES.map((given) => plain(answerOf(client, given))));
  });
}

// Each a whole module of one function or global, which today's Node takes.
const TOO_NEW = {
  'sign extension': '0061736d0100000001060160017f017f03020100070501016600000a070105002000c00b',
  'an exported Global': '0061736d010000000606017f0041010b07050101670300',
  'two results': '0061736d010000000106016000027f7f03020100070501016600000a08010600410141020b',
};

test('these phones refuse a wasm that old ones would', async () => {
  for (const [feature, hex] of Object.entries(TOO_NEW)) {
    await writeFile(join(code, 'new.wasm'), Buffer.from(hex, 'hex'));
    await assert.rejects(clientOn({}).ready({ path: '/new.wasm' }), { name: 'WxedgeError' }, feature);
  }
});

test('a wasm that is not in the code package is asked for with what to do, and ready can be called again', async () => {
  const client = clientOn({});
  await assert.rejects(client.ready({ path: '/static/nowhere.wasm' }), (error: Record<string, unknown>) => {
    assert.equal(error.code, 'wasm_not_found');
    assert.match(String(error.message), /\/static\/nowhere\.wasm/);
    assert.match(String(error.hint), /构建 npm.*ready\(\{ path \}\)/);
    return true;
  });
  await client.ready();
  assert.equal(client.parseScene('a=1').raw, 'a=1');
  assert.equal(client.ready(), client.ready({ pure: true }));
});

test('a mini program whose pure build was left out is told so', async () => {
  const bare = await mkdtemp(join(tmpdir(), 'wxedge-bare-'));
  try {
    await cp(join(PACKAGE, 'miniprogram_dist', 'index.js'), join(bare, 'index.js'));
    const client = new Phone(bare, { wasm: 'none' }).require('index.js');
    await assert.rejects(client.ready(), (error: Record<string, unknown>) => {
      assert.equal(error.code, 'wasm_unsupported');
      assert.match(String(error.hint), /pure\.js/);
      return true;
    });
  } finally {
    await rm(bare, { recursive: true });
  }
});

describe('Node', () => {
  const esm = `await import(${JSON.stringify(new URL('../../pkg/dist/node.js', import.meta.url).href)})`;
  const cjs = `(await import('node:module')).createRequire(${JSON.stringify(import.meta.url)})('../../pkg/dist/node.cjs')`;

  test('takes the pure build by itself where there is no WebAssembly', () => {
    for (const load of [esm, cjs]) assertAnswers(answersOfNode(['--jitless', '--no-expose-wasm'], load, false));
  });

  test('takes the pure build by hand', () => {
    for (const load of [esm, cjs]) assertAnswers(answersOfNode([], load, true));
  });
});

test('the pure build and the wasm go on after their memory has grown', async () => {
  // The first call looks at the memory as it is before it grows.
  const queries: [string, object][] = [
    ['a=1', { a: '1' }],
    [`${'a=1&'.repeat(60_000)}b=%E8%8C%B6`, { a: '1', b: '茶' }],
    ['c=%E8%8C%B6', { c: '茶' }],
  ];
  for (const options of [{ wasm: 'instance' }, { wasm: 'none' }] as const) {
    const client = clientOn(options);
    await client.ready();
    for (const [query, params] of queries) assert.deepEqual(plain(client.parseQuery(query)), params);
  }
});

/** Every case answered by a Node of its own. Without WebAssembly it reads no TypeScript, so it gets the function as it is here. */
function answersOfNode(flags: readonly string[], load: string, pure: boolean): Answer[] {
  const script = `import { readFileSync } from 'node:fs';
    const client = ${load};
    if (${flags.length > 0} && typeof WebAssembly !== 'undefined') throw new Error('this Node has WebAssembly');
    await client.ready({ pure: ${pure} });
    const answerOf = ${answerOf};
    console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map((given) => answerOf(client, given))));`;
  const options = { encoding: 'utf8', input: JSON.stringify(CASES), maxBuffer: 1e8, stdio: 'pipe' } as const;
  return JSON.parse(execFileSync(process.execPath, [...flags, '--input-type=module', '-e', script], options));
}

/** Of this realm, so that it can be compared with what was written here. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

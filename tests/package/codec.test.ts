import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Client } from './cases.ts';

const platform = { decoder: new TextDecoder('utf-8', { ignoreBOM: true }), encoder: new TextEncoder() };

// As in the runtime of mini programs, for this file's process.
Reflect.deleteProperty(globalThis, 'TextDecoder');
Reflect.deleteProperty(globalThis, 'TextEncoder');
const codec: Client = await import(new URL('../../pkg/src/codec.js', import.meta.url).href);
const client: Client = await import(new URL('../../pkg/dist/node.js', import.meta.url).href);

test('the own codec writes and reads every code point as the platform does', () => {
  const decoder = new codec.TextDecoder();
  const encoder = new codec.TextEncoder();
  for (let point = 0; point < 0x110000; point += 7) {
    const text = `a${String.fromCodePoint(point)}z`;
    const bytes = platform.encoder.encode(text);
    assert.deepEqual(encoder.encode(text), bytes);
    assert.equal(decoder.decode(bytes), platform.decoder.decode(bytes));
  }
});

test('malformed bytes become replacement characters', () => {
  const decoder = new codec.TextDecoder();
  for (const bytes of [[0xc0, 0x80], [0xff], [0xe4, 0xbd], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
    assert.match(decoder.decode(new Uint8Array([0x61, ...bytes, 0x62])), /^a\ufffd+b$/);
  }
});

test('the package works where the platform has no codec', async () => {
  await client.ready();
  assert.equal(client.parseScene('n%3D茶%F0%9F%8D%B5').raw, 'n=茶🍵');
  assert.equal(client.sceneInfo(1047).name_zh, '扫描小程序码');
});

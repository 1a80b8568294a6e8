import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { encryptOpenData, jssdkSignature, rawDataSignature, sessionSignature, stableId } from '../../sandbox/src/crypto.ts';
import { decryptOpenData } from './open-data.ts';

type Vectors = {
  encrypted_data: { session_key: string; iv: string; encrypted_data: string; plaintext: string };
  raw_data_sha1: { raw_data: string; session_key: string; signature: string };
  session_hmac: { session_key: string; message: string; hex: string }[];
  jssdk: { jsapi_ticket: string; noncestr: string; timestamp: string; url: string; signature: string }[];
};

const vectors = JSON.parse(readFileSync(new URL('../data/vectors.json', import.meta.url), 'utf8')) as Vectors;

test('published vector: encryptedData, both ways', () => {
  const { session_key, iv, encrypted_data, plaintext } = vectors.encrypted_data;
  assert.equal(encryptOpenData(plaintext, session_key, iv), encrypted_data);
  assert.equal(decryptOpenData(encrypted_data, session_key, iv), plaintext);
});

test('published vector: the signature of rawData', () => {
  const { raw_data, session_key, signature } = vectors.raw_data_sha1;
  assert.equal(rawDataSignature(raw_data, session_key), signature);
});

test('published vectors: the signature of checkSessionKey uses the text of session_key', () => {
  for (const { session_key, message, hex } of vectors.session_hmac) {
    assert.equal(sessionSignature(session_key, message), hex);
  }
});

test('published vectors: the JS-SDK signature', () => {
  for (const { jsapi_ticket, noncestr, timestamp, url, signature } of vectors.jssdk) {
    assert.equal(jssdkSignature(jsapi_ticket, noncestr, timestamp, url), signature);
  }
});

test('ids look like openids and depend on every part', () => {
  assert.match(stableId('a', 'b'), /^o[\w-]{27}$/);
  assert.equal(stableId('a', 'b'), stableId('a', 'b'));
  assert.notEqual(stableId('a', 'b'), stableId('ab', ''));
});

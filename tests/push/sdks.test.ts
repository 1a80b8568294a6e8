// What SDKs of others, as they are published, make of our encrypted answers: wechatpy and node-easywechat.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';

import { installSdks } from '../../scripts/package-tools.mjs';
import { installPythonPackages } from '../../scripts/python-packages.mjs';
import { deployment, secure } from '../events/deployment.ts';
import { say } from '../events/receiver.ts';
import { textMessage } from './wechat.ts';

const here = await deployment();
here.receiver.begin(say({ MsgType: 'transfer_customer_service' }));

const XML = `<xml><ToUserName>gh_0123456789ab</ToUserName><FromUserName>sdk-xml</FromUserName><CreateTime>1795532400</CreateTime><MsgType>text</MsgType><Content>hello</Content><MsgId>2</MsgId></xml>`;

/** Our answers to a message in JSON and one in XML. */
const answers = {
  json: (await here.push(textMessage('sdk-json', 1))).text,
  xml: (await here.push(XML, { format: 'xml' })).text,
};

/** Encrypt, signature, time and nonce of an answer. */
function partsOf(format: 'json' | 'xml'): [string, string, string, string] {
  const text = answers[format];
  const part = (name: string): string =>
    (format === 'json'
      ? String((JSON.parse(text) as Record<string, unknown>)[name])
      : new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`).exec(text)?.[1]) ?? '';
  return [part('Encrypt'), part('MsgSignature'), part('TimeStamp'), part('Nonce')];
}

function assertTransfer(format: 'json' | 'xml', plain: string): void {
  if (format === 'json')
    assert.deepEqual(JSON.parse(plain), {
      ToUserName: 'sdk-json',
      FromUserName: 'gh_0123456789ab',
      CreateTime: 1_795_532_400,
      MsgType: 'transfer_customer_service',
    });
  else
    assert.equal(
      plain,
      '<xml><ToUserName><![CDATA[sdk-xml]]></ToUserName><FromUserName><![CDATA[gh_0123456789ab]]></FromUserName><CreateTime>1795532400</CreateTime><MsgType><![CDATA[transfer_customer_service]]></MsgType></xml>',
    );
}

const PROGRAM = `
import sys
from wechatpy.crypto import WeChatCrypto
token, key, appid, encrypt, signature, timestamp, nonce = sys.argv[1:]
# It takes envelopes in XML alone; what is inside may be anything.
envelope = '<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[' + encrypt + ']]></Encrypt></xml>'
print(WeChatCrypto(token, key, appid).decrypt_message(envelope, signature, timestamp, nonce), end='')
`;

test('wechatpy reads them', async () => {
  const python = await installPythonPackages();
  for (const format of ['json', 'xml'] as const) {
    const [encrypt, signature, timestamp, nonce] = partsOf(format);
    const { status, stdout, stderr } = spawnSync(
      python,
      ['-c', PROGRAM, secure.token, secure.aesKey, secure.appid, encrypt, signature, timestamp, nonce],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    assertTransfer(format, stdout);
  }
});

test('node-easywechat reads them', async () => {
  const require = createRequire(path.join(await installSdks(), 'package.json'));
  const Encryptor = require('node-easywechat/dist/Core/Encryptor.js') as new (
    appid: string,
    token: string,
    key: string,
    receiver: string,
  ) => { decrypt(encrypt: string, signature: string, nonce: string, timestamp: string): string };
  for (const format of ['json', 'xml'] as const) {
    const [encrypt, signature, timestamp, nonce] = partsOf(format);
    const encryptor = new Encryptor(secure.appid, secure.token, secure.aesKey, secure.appid);
    assertTransfer(format, encryptor.decrypt(encrypt, signature, nonce, timestamp));
  }
});

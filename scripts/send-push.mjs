// Sends one message of a customer to the Worker of npm start, signed and encrypted as WeChat does:
// node scripts/send-push.mjs http://localhost:8787 [what it says]
import { createCipheriv, createHash, randomBytes, randomInt } from 'node:crypto';

import { sandboxPush } from './sandbox-push.mjs';

const [base = 'http://localhost:8787', content = 'hello'] = process.argv.slice(2);
const { appid, token, aesKey } = sandboxPush;
const timestamp = String(Math.floor(Date.now() / 1000));
const nonce = String(randomInt(1_000_000_000));
const message = JSON.stringify({
  ToUserName: 'gh_0123456789ab',
  FromUserName: 'a-customer',
  CreateTime: Number(timestamp),
  MsgType: 'text',
  Content: content,
  MsgId: Date.now(),
});

const sign = (...parts) => createHash('sha1').update(parts.sort().join('')).digest('hex');

/** random(16) || length(4) || message || appid || padding to a multiple of 32, by AES-256-CBC. */
function encrypt() {
  const key = Buffer.from(`${aesKey}=`, 'base64');
  const text = Buffer.from(message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const plain = Buffer.concat([randomBytes(16), length, text, Buffer.from(appid)]);
  const padding = 32 - (plain.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(padding, padding)), cipher.final()]).toString('base64');
}

const Encrypt = encrypt();
const query = new URLSearchParams({
  signature: sign(token, timestamp, nonce),
  timestamp,
  nonce,
  encrypt_type: 'aes',
  msg_signature: sign(token, timestamp, nonce, Encrypt),
});
const answer = await fetch(`${base}/v1/push?${query}`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ ToUserName: 'gh_0123456789ab', Encrypt }),
});
console.log(`${answer.status} ${await answer.text()}`);

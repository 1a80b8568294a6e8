// A key in the wrong form is one clear error, in health, in the log and on the routes that need it.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';

import { payVars, vectors } from '../support/pay.ts';
import { assertProblem } from '../support/problem.ts';
import { until } from '../support/until.ts';
import { runtime, secrets, type Vars, type WorkerRequest } from '../support/wxedge.ts';

const { keys } = vectors as unknown as {
  keys: { merchant: Record<string, string>; platform_certificate_mode: Record<string, string>; apiv3_key: string };
};
const { merchant } = keys;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const good: Vars = { ...payVars, API_KEYS: `shop[pay]:${secrets.API_KEY}` };

/** What is set wrong, which setting is named, and the words that help. */
const WRONG: Record<string, [vars: Vars, setting: string, words: string]> = {
  'PKCS#1': [{ PAY_PRIVATE_KEY: merchant['private_key_pkcs1_pem'] }, 'PAY_PRIVATE_KEY', 'openssl pkey'],
  'the certificate instead of the key': [{ PAY_PRIVATE_KEY: merchant['certificate_pem'] }, 'PAY_PRIVATE_KEY', 'apiclient_key.pem'],
  'a public key instead of the private one': [{ PAY_PRIVATE_KEY: merchant['public_key_spki_pem'] }, 'PAY_PRIVATE_KEY', 'public key'],
  'a key of another kind': [
    { PAY_PRIVATE_KEY: ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
    'PAY_PRIVATE_KEY',
    'no RSA key',
  ],
  'a key under a passphrase': [
    {
      PAY_PRIVATE_KEY: generateKeyPairSync('rsa', { modulusLength: 2048 })
        .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
        .toString(),
    },
    'PAY_PRIVATE_KEY',
    'passphrase',
  ],
  'half a key': [{ PAY_PRIVATE_KEY: merchant['private_key_pkcs8_pem']?.slice(0, 900) }, 'PAY_PRIVATE_KEY', ''],
  'no key': [{ PAY_PRIVATE_KEY: undefined }, 'PAY_PRIVATE_KEY', 'is needed'],
  'an APIv3 key of 33 bytes': [{ PAY_APIV3_KEY: `${keys.apiv3_key}x` }, 'PAY_APIV3_KEY', '33 bytes'],
  'an APIv3 key of 16 bytes': [{ PAY_APIV3_KEY: keys.apiv3_key.slice(16) }, 'PAY_APIV3_KEY', '16 bytes'],
  'an APIv3 key before it that is none': [{ PAY_APIV3_KEY_PREVIOUS: 'short' }, 'PAY_APIV3_KEY_PREVIOUS', '5 bytes'],
  "the merchant's certificate in place of WeChat's": [
    { PAY_PUBLIC_KEY: merchant['certificate_pem'] },
    'PAY_PUBLIC_KEY',
    'CN is your mchid',
  ],
  "WeChat's certificate in place of its key": [
    { PAY_PUBLIC_KEY: keys.platform_certificate_mode['certificate_pem'] },
    'PAY_PUBLIC_KEY',
    'pub_key.pem',
  ],
  "the merchant's own public key": [{ PAY_PUBLIC_KEY: merchant['public_key_spki_pem'] }, 'PAY_PUBLIC_KEY', ''],
  'a public key without its id': [{ PAY_PUBLIC_KEY_ID: undefined }, 'PAY_PUBLIC_KEY_ID', 'is needed'],
  'an id that is none': [{ PAY_PUBLIC_KEY_ID: 'PUB_KEY' }, 'PAY_PUBLIC_KEY_ID', ''],
  'the id in place of the serial': [{ PAY_CERT_SERIAL: payVars.PAY_PUBLIC_KEY_ID }, 'PAY_CERT_SERIAL', ''],
  'a serial that is none': [{ PAY_CERT_SERIAL: '4A7C' }, 'PAY_CERT_SERIAL', '40'],
  'a number with letters': [{ PAY_MCHID: '1900000109a' }, 'PAY_MCHID', 'digits'],
  'keys without a number': [{ PAY_MCHID: undefined }, 'PAY_MCHID', 'digits'],
  'no address of our own': [{ PUBLIC_URL: undefined }, 'PUBLIC_URL', 'payment'],
  'an address that is too long': [{ PUBLIC_URL: `https://a.example/${'x'.repeat(240)}` }, 'PUBLIC_URL', 'payment'],
  http: [{ PAY_API_BASE: 'http://pay.example.com' }, 'PAY_API_BASE', 'https'],
};

const names = Object.keys(WRONG).map((_, index) => `wrong${index}`);
const requests = Object.fromEntries(Object.values(WRONG).map(([vars], index) => [`wrong${index}`, { vars: { ...good, ...vars } }]));
const oneLine = (pem: string): string => pem.trim().replaceAll('\n', '\\n');
const running = await runtime({
  good: { vars: good },
  none: { vars: { API_KEYS: `shop[pay]:${secrets.API_KEY}` } },
  lines: { vars: { ...good, PAY_PRIVATE_KEY: oneLine(payVars.PAY_PRIVATE_KEY), PAY_PUBLIC_KEY: oneLine(payVars.PAY_PUBLIC_KEY) } },
  unbound: { vars: good, without: ['durableObjects'] },
  ...requests,
} as Record<string, WorkerRequest>);
const at = (name: string) => running.workers[name] as NonNullable<(typeof running.workers)[string]>;

describe('a setting that is wrong is named, with the sentence that helps', () => {
  for (const [index, [what, [vars, setting, words]]] of Object.entries(WRONG).entries()) {
    test(what, async () => {
      const wrong = at(names[index] ?? '');
      const health = await wrong.call('GET /v1/health');
      assert.equal(health.status, 503);
      const checks = health.json['checks'] as Record<string, string>;
      assert.deepEqual(Object.keys(checks), [setting, 'settings']);
      assert.ok(checks[setting]?.startsWith(`${setting} `) && checks[setting].includes(words), checks[setting]);
      const asked = await wrong.service('GET /v1/pay/products');
      assertProblem(asked, 'misconfigured', { names: setting, retryable: false });
      await until('the log says it', () =>
        running.logs.some((line) => line.includes('"misconfigured"') && line.includes(checks[setting] ?? '?')),
      );
      const inner = (text: string): string => text.replaceAll(/-----[^-]+-----|\s/g, '');
      for (const [name, value = ''] of Object.entries(vars).filter(([name]) => name.startsWith('PAY_'))) {
        const part = inner(value).slice(4, 60);
        assert.ok(part.length < 16 || !`${health.text}${asked.text}${running.logs.join()}`.includes(part), `${name} is not shown`);
      }
    });
  }
});

test('sound settings are sound, with line breaks as they are or as \\n', async () => {
  for (const name of ['good', 'lines']) {
    assert.equal((await at(name).call('GET /v1/health')).status, 200);
    assert.deepEqual((await at(name).service('GET /v1/pay/products')).json, { products: [] });
  }
});

test('without payment nothing is wrong, and its routes say what is missing', async () => {
  assert.equal((await at('none').call('GET /v1/health')).status, 200);
  assertProblem(await at('none').service('GET /v1/pay/products'), 'misconfigured', { names: 'PAY_MCHID' });
  assertProblem(await at('none').call('POST /v1/pay/notify/1900000109', { body: '{}' }), 'misconfigured', { names: 'PAY_MCHID' });
});

test('with payment the objects of orders and events have to be bound', async () => {
  const { checks } = (await at('unbound').call('GET /v1/health')).json as { checks: Record<string, string> };
  assert.ok('ORDERS' in checks && 'EVENTS' in checks);
});

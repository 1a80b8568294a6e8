// SDKs of others, as they are published, call the sandbox as they would call WeChat Pay.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox.ts';
import { installSdks } from '../../../scripts/package-tools.mjs';
import { installPythonPackages } from '../../../scripts/python-packages.mjs';
import { until } from '../../support/until.ts';
import { APPID, type Json } from '../caller.ts';
import { type Received, Receiver } from '../receiver.ts';

let sandbox: Sandbox;
const receiver = new Receiver();
let notifyUrl: string;

// In real time: SDKs have a clock of their own.
before(async () => {
  sandbox = await startSandbox({ payPort: 0 });
  receiver.respond = () => ({ status: 204 });
  notifyUrl = await receiver.start();
});
after(async () => {
  await sandbox.close();
  await receiver.stop();
});
beforeEach(async () => {
  sandbox.reset();
  receiver.received = [];
  await sandbox.pay.setConsole({ refund_seconds: null });
});

const openid = (): string => sandbox.loginCode({ user: 'alice' }).openid;

/** The notification that has come, of that event. */
function told(event: string): Promise<Received> {
  return until(`${event} was told`, () => receiver.received.find(({ body }) => body.includes(`"event_type":"${event}"`)));
}

describe('wechatpay-axios-plugin', () => {
  let sdk: any;
  before(async () => {
    sdk = createRequire(path.join(await installSdks(), 'package.json'))('wechatpay-axios-plugin');
  });

  /** A client; `certs`: the keys that it is to know, by default all. */
  function client(certs?: Json): any {
    const { settings, keys } = { settings: sandbox.pay.settings(), keys: sandbox.pay.keys() };
    const known = { [keys.public_key.id]: keys.public_key.public_key };
    for (const { serial_no, certificate } of keys.certificates) known[serial_no] = certificate;
    return new sdk.Wechatpay({
      mchid: settings.PAY_MCHID,
      serial: settings.PAY_CERT_SERIAL,
      privateKey: settings.PAY_PRIVATE_KEY,
      certs: certs ?? known,
      baseURL: settings.PAY_API_BASE,
    }).v3;
  }

  const order = (number: string): Json => ({
    appid: APPID,
    mchid: sandbox.pay.settings().PAY_MCHID,
    description: '围巾',
    out_trade_no: number,
    notify_url: notifyUrl,
    amount: { total: 100 },
    payer: { openid: openid() },
  });

  for (const mode of ['pubkey', 'cert'] as const) {
    test(`creates, pays, queries, closes, refunds and reads notifications, in mode ${mode}`, async () => {
      await sandbox.pay.setConsole({ mode });
      const { v3, mchid } = { v3: client(), mchid: sandbox.pay.settings().PAY_MCHID };
      const created = await v3.pay.transactions.jsapi.post(order('axios|1*a-b_c'));
      const params = {
        timeStamp: `${sdk.Formatter.timestamp()}`,
        nonceStr: sdk.Formatter.nonce(),
        package: `prepay_id=${created.data.prepay_id}`,
      };
      const message = sdk.Formatter.joinedByLineFeed(APPID, ...Object.values(params));
      const paySign = sdk.Rsa.sign(message, sdk.Rsa.from(sandbox.pay.settings().PAY_PRIVATE_KEY, 'private'));
      sandbox.pay.pay({ payment: { ...params, signType: 'RSA', paySign } });

      const queried = await v3.pay.transactions.outTradeNo.$out_trade_no$.get({ params: { mchid }, out_trade_no: 'axios|1*a-b_c' });
      assert.equal(queried.data.trade_state, 'SUCCESS');
      const notice = await told('TRANSACTION.SUCCESS');
      assert.deepEqual(read(notice), queried.data);

      const asked = await v3.refund.domestic.refunds.post({
        out_trade_no: 'axios|1*a-b_c',
        out_refund_no: 'axios-refund@1',
        notify_url: notifyUrl,
        amount: { refund: 40, total: 100, currency: 'CNY' },
      });
      assert.equal(asked.data.status, 'PROCESSING');
      sandbox.pay.settle({ out_refund_no: 'axios-refund@1', status: 'SUCCESS' });
      const refund = await v3.refund.domestic.refunds.$out_refund_no$.get({ out_refund_no: 'axios-refund@1' });
      assert.equal(refund.data.status, 'SUCCESS');
      assert.equal(read(await told('REFUND.SUCCESS'))['refund_status'], 'SUCCESS');

      await v3.pay.transactions.jsapi.post(order('axios_2'));
      const closed = await v3.pay.transactions.outTradeNo.$out_trade_no$.close.post({ mchid }, { out_trade_no: 'axios_2' });
      assert.equal(closed.status, 204);
    });
  }

  test('downloads the certificates and decrypts them', async () => {
    await sandbox.pay.setConsole({ mode: 'cert' });
    const { data } = await client().certificates.get();
    const [{ encrypt_certificate: sealed }] = data.data;
    const pem = sdk.Aes.AesGcm.decrypt(sealed.ciphertext, sandbox.pay.settings().PAY_APIV3_KEY, sealed.nonce, sealed.associated_data);
    assert.equal(pem, sandbox.pay.keys().certificates[0]?.certificate);
  });

  test('is told its mistakes, and refuses probes, forgeries and keys that it does not know', async () => {
    const v3 = client();
    await assert.rejects(v3.pay.transactions.jsapi.post({ ...order('axios_3'), amount: { total: 0 } }), (error: any) => {
      assert.deepEqual([error.response.status, error.response.data.code], [400, 'PARAM_ERROR']);
      return true;
    });
    for (const kind of ['probe', 'wrong_signature', 'unknown_serial', 'unsigned', 'clock'] as const) {
      sandbox.pay.addFault({ kind, seconds: -301 });
      await assert.rejects(
        v3.pay.transactions.jsapi.post(order('axios_4')),
        /EV3_RES_|Verify the response|serial|Headers incomplete|time offset/,
        kind,
      );
    }
    assert.equal((await v3.pay.transactions.jsapi.post(order('axios_4'))).status, 200);
  });

  /** A notification, verified and decrypted by the SDK. */
  function read({ headers, body }: Received): Json {
    const { public_key, certificates } = sandbox.pay.keys();
    const serial = headers['wechatpay-serial'];
    const pem = serial === public_key.id ? public_key.public_key : certificates.find(({ serial_no }) => serial_no === serial)?.certificate;
    const message = sdk.Formatter.joinedByLineFeed(headers['wechatpay-timestamp'], headers['wechatpay-nonce'], body);
    assert.ok(sdk.Rsa.verify(message, headers['wechatpay-signature'], sdk.Rsa.from(pem, 'public')));
    const { ciphertext, nonce, associated_data } = JSON.parse(body).resource;
    return JSON.parse(sdk.Aes.AesGcm.decrypt(ciphertext, sandbox.pay.settings().PAY_APIV3_KEY, nonce, associated_data)) as Json;
  }
});

describe('wechatpayv3 of Python, led here as the document says', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'wxedge-pay-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function run(program: string, more: Json = {}): Promise<unknown> {
    const document = await readFile(new URL('../../../sandbox/pay.md', import.meta.url), 'utf8');
    const setUp = /```python\n([^]*?)```/.exec(document)?.[1];
    assert.ok(setUp, 'the document shows how');
    const here = setUp.replace('8788', String(sandbox.port)).replace('http://127.0.0.1:8787/v1/pay/notify/1900000109', notifyUrl);
    const { stdout } = await promisify(execFile)(await installPythonPackages(), ['-c', `${here}${PREPARATION}${program}`], {
      cwd: folder,
      env: { ...process.env, GIVEN: JSON.stringify({ openid: openid(), ...more }), PYTHONDONTWRITEBYTECODE: '1' },
    });
    return JSON.parse(stdout);
  }

  test('creates, queries, closes and refunds, and verifies every answer', async () => {
    const seen = await run(`
def call(answer):
    code, text = answer
    return [code, json.loads(text) if text else None]

results = [call(order('python_1')), call(wxpay.query(out_trade_no='python_1')), call(wxpay.close('python_1')), call(wxpay.close('python_1'))]
print(json.dumps(results))
`);
    const [created, queried, closed, again] = seen as [number, Json][];
    assert.match(String(created?.[1]['prepay_id']), /^wx/);
    assert.equal(queried?.[1]['trade_state'], 'NOTPAY');
    assert.deepEqual([closed?.[0], again?.[0], again?.[1]['code']], [204, 400, 'ORDER_CLOSED']);
  });

  test('refunds what was paid, and reads the notifications of both', async () => {
    await run(`print(order('python_2')[0])`);
    sandbox.pay.pay({ out_trade_no: 'python_2' });
    const refund = `amount={'refund': 40, 'total': 100, 'currency': 'CNY'}`;
    assert.equal(await run(`print(wxpay.refund(out_refund_no='python@2', out_trade_no='python_2', ${refund})[0])`), 200);
    sandbox.pay.settle({ out_refund_no: 'python@2', status: 'SUCCESS' });
    const notices = [await told('TRANSACTION.SUCCESS'), await told('REFUND.SUCCESS')].map(({ headers, body }) => ({ headers, body }));
    const read = await run(`print(json.dumps([wxpay.callback(one['headers'], one['body']) for one in given['notices']]))`, { notices });
    const [payment, refunded] = read as { event_type: string; resource: Json }[];
    assert.deepEqual([payment?.event_type, payment?.resource['trade_state']], ['TRANSACTION.SUCCESS', 'SUCCESS']);
    assert.deepEqual([refunded?.event_type, refunded?.resource['refund_status']], ['REFUND.SUCCESS', 'SUCCESS']);
  });

  test('with certificates, downloads the new one when an answer is signed with it', async () => {
    await sandbox.pay.setConsole({ mode: 'cert' });
    await mkdir(path.join(folder, 'certificates'));
    await writeFile(path.join(folder, 'certificates', 'first.pem'), sandbox.pay.keys().certificates[0]?.certificate ?? '');
    await sandbox.pay.setConsole({ certificates: 'second' });
    assert.equal(await run(`print(order('python_3')[0])`), 200);
    assert.equal(sandbox.pay.calls().counts['GET /v3/certificates'], 1);
  });

  test('refuses a probe', async () => {
    sandbox.pay.addFault({ kind: 'probe' });
    await assert.rejects(run(`order('python_4')`), /failed to verify the signature/);
  });
});

const PREPARATION = `
import json, os

given = json.loads(os.environ['GIVEN'])

def order(number):
    return wxpay.pay(description='围巾', out_trade_no=number, amount={'total': 100}, payer={'openid': given['openid']})

`;

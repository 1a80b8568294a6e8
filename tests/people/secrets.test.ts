// No secret of a login leaves: not in an answer, not in a header, not in the log.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer } from '../support/call.ts';
import { appid, secrets, wxedge } from '../support/wxedge.ts';
import { MOST_FAILURES, loginWith, newKey, phoneData, seal, sign } from './person.ts';

const running = await wxedge();
const rawData = '{"nickName":"x"}';
const NUMBER = '13877776666';

test('session_key, AppSecret, SESSION_SECRET and access_token are in no answer and no line of the log', async () => {
  const { worker, sandbox } = running;
  const answers: Answer[] = [];
  const ask = async (route: string, bearer: string, body?: unknown): Promise<Answer> => {
    const answer = await worker.call(route, { bearer, ...(body === undefined ? {} : { body }) });
    answers.push(answer);
    return answer;
  };

  const keys = [newKey(), newKey(), newKey()];
  const [first = '', second = '', foreign = ''] = keys;
  const openid = sandbox.loginCode({ user: 'alice' }).openid;
  answers.push(await loginWith(worker, { openid, session_key: first }));
  const login = await loginWith(worker, { openid, session_key: second });
  answers.push(login);
  // What goes wrong around a login, with the secrets at hand.
  const repeating = `no: ${secrets.WECHAT_SECRET} rid: 1-2-3`;
  answers.push(await loginWith(worker, { errcode: 40125, errmsg: repeating }));
  answers.push(await loginWith(worker, { openid, session_key: second, unionid: 5 }));
  answers.push(await loginWith(worker, `{"openid":"${openid}","session_key":"${second}"`));
  answers.push(await loginWith(worker, `<html>${second}</html>`));

  const token = String(login.json['token']);
  const phone = JSON.stringify(phoneData(appid, { phoneNumber: NUMBER }));
  await ask('GET /v1/session', token);
  for (const key of keys) {
    await ask('POST /v1/userdata', token, seal(phone, key));
    await ask('POST /v1/phone', token, seal(phone, key));
    await ask('POST /v1/userdata', token, { rawData, signature: sign(rawData, key) });
  }
  await ask('POST /v1/phone', token, seal(JSON.stringify(phoneData('wx00000000000000ff')), second));
  for (let round = 0; round < MOST_FAILURES; round += 1) await ask('POST /v1/userdata', token, seal(phone, foreign));
  for (const kind of ['busy', 'html', 'truncated', 'not_utf8', 'empty', 'reset'] as const) {
    for (const route of ['POST /v1/session/check', 'POST /v1/session/reset']) {
      sandbox.addFault({ kind, path: route.endsWith('check') ? '/wxa/checksession' : '/wxa/resetusersessionkey' });
      await ask(route, token);
    }
  }
  sandbox.clearFaults();
  const real = await worker.login('alice');
  keys.push(sandbox.sessionKey({ user: 'alice' }).session_key);
  await ask('POST /v1/session/reset', real.token);
  keys.push(sandbox.sessionKey({ user: 'alice' }).session_key);
  await ask('POST /v1/session/check', real.token);
  await ask('POST /v1/phone', real.token, { code: worker.phoneCode('alice') });
  await ask('DELETE /v1/session', real.token);

  const accessToken = (await worker.service('GET /v1/token')).json['access_token'];
  const planted = [...keys, secrets.WECHAT_SECRET, secrets.SESSION_SECRET, secrets.API_KEY, String(accessToken)];
  assert.ok(planted.every((secret) => secret.length >= 24) && new Set(planted).size === planted.length);
  const shown = answers.map(({ text, headers }) => `${text} ${JSON.stringify([...headers])}`);
  for (const secret of planted.flatMap((text) => [text, encodeURIComponent(text)])) {
    assert.ok(!shown.some((text) => text.includes(secret)), 'no answer shows it');
    assert.ok(!running.logs.some((line) => line.includes(secret)), 'no line of the log shows it');
  }
  assert.ok(running.logs.some((line) => line.includes('decryption_failed')), 'the log is written');
  assert.ok(!running.logs.some((line) => line.includes(NUMBER) || line.includes(token)), 'nor a number, nor a token');
});

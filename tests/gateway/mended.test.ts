// A token that WeChat does not know any more, met by one endpoint of each shape: the caller hears nothing of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { plausibleCall } from '../support/plausible.ts';
import { prepare } from '../support/prepared.ts';
import { callsOf, runtime } from '../support/wxedge.ts';
import { API_KEYS, operationOf, sendPlausible } from './gateway.ts';

const running = await runtime({ main: { vars: { API_KEYS }, clock: true } });
const { sandbox } = running;

const shapes = {
  GET: 'wxaapi/newtmpl/getcategory',
  JSON: 'cgi-bin/message/custom/send',
  multipart: 'cgi-bin/media/upload',
  image: 'wxa/getwxacode',
  binary: 'cgi-bin/media/get',
  'empty body': 'cgi-bin/express/intracity/apply',
};

for (const [shape, path] of Object.entries(shapes)) {
  test(`${shape}: after the sandbox has killed every token, one call gets one fresh token and succeeds`, async () => {
    const row = operationOf(path);
    const plausible = plausibleCall(row, await prepare(row, sandbox));
    assert.ok(plausible.body !== undefined || shape !== 'JSON', 'the shape is what it says');
    if (shape === 'empty body') plausible.body = undefined;
    const first = await sendPlausible(running.workers.main, plausible);
    assert.equal(first.status, 200, first.text);

    // The keeper asks for another token once a second at most.
    await running.advance(2);
    sandbox.killTokens();
    const before = [callsOf(sandbox, '/cgi-bin/stable_token'), callsOf(sandbox, `/${path}`)];
    const mended = await sendPlausible(running.workers.main, plausible);
    assert.equal(mended.status, 200, mended.text);
    assert.equal(mended.headers.get('content-type'), first.headers.get('content-type'));
    const after = [callsOf(sandbox, '/cgi-bin/stable_token'), callsOf(sandbox, `/${path}`)];
    assert.deepEqual(after, [(before[0] ?? 0) + 1, (before[1] ?? 0) + 2], 'one refresh, and the call twice');
  });
}

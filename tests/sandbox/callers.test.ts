import assert from 'node:assert/strict';
import { type IncomingMessage, request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.ts';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.close());

/** A call with headers that fetch lets nobody set. */
async function call(
  path: string,
  headers: Record<string, string>,
  port = sandbox.port,
): Promise<{ status: number | undefined; body: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method: 'POST', headers }, resolve).once('error', reject).end();
  });
  return { status: response.statusCode, body: await text(response) };
}

for (const path of ['/sandbox/tokens', '/cgi-bin/token', '/sandbox/reset']) {
  describe(path, () => {
    const own = ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]', '127.1.2.3'].map((name) => ({ Host: `${name}:8788` }));
    for (const headers of [
      ...own,
      { Host: '127.0.0.1' },
      ...['http://localhost:5173', 'http://127.0.0.1', 'http://[::1]:3000'].map((Origin) => ({ Origin })),
    ]) {
      test(`answers ${JSON.stringify(headers)}`, async () => {
        assert.equal((await call(path, headers)).status, 200);
      });
    }

    const foreign = ['rebound.example', 'localhost.example', '127.0.0.1.example:8788', 'example', '192.168.1.5:8788'];
    for (const host of foreign) {
      test(`refuses the Host ${JSON.stringify(host)}, which a page may have led here`, async () => {
        const { total } = sandbox.calls();
        const { status, body } = await call(path, { Host: host });
        assert.equal(status, 403);
        assert.match(body, /^\{"error":"Host: .* is no name of this machine's; call the sandbox as 127\.0\.0\.1 or localhost"\}\n$/);
        assert.equal(sandbox.calls().total, total);
      });
    }

    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'http://192.168.1.5']) {
      test(`refuses the Origin ${origin}`, async () => {
        const { total } = sandbox.calls();
        const { status, body } = await call(path, { Origin: origin });
        assert.equal(status, 403);
        assert.match(body, /^\{"error":"Origin: .* is no page of this machine's"\}\n$/);
        assert.equal(sandbox.calls().total, total);
      });
    }
  });
}

test('the address that it listens on is a name of its own', async () => {
  const open = await startSandbox({ host: '0.0.0.0' });
  assert.equal((await call('/sandbox/tokens', { Host: '0.0.0.0:8788' }, open.port)).status, 200);
  assert.equal((await call('/sandbox/tokens', { Host: '10.0.0.1:8788' }, open.port)).status, 403);
  await open.close();
});

// The published libraries of Standard Webhooks verify our deliveries, and refuse what was changed on its way.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { before, describe, test } from 'node:test';

import { installSdks } from '../../scripts/package-tools.mjs';
import { installPythonPackages } from '../../scripts/python-packages.mjs';
import { deployment, webhookSecret } from './deployment.ts';
import type { Delivery } from './receiver.ts';

const next = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const stranger = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;

/** Whether a library takes a delivery, by the secret that it knows. */
type Verify = (secret: string, text: string, headers: Record<string, string>) => boolean;

let delivery: Delivery;
before(async () => {
  const here = await deployment({ vars: { WEBHOOK_SECRET: `${webhookSecret} ${next}` } });
  await here.text('someone', 1);
  await here.delivered(1);
  [delivery] = here.receiver.deliveries as [Delivery];
});

const PROGRAM = `
import json, sys
from standardwebhooks import Webhook
secret, text, headers = sys.argv[1:]
try:
    Webhook(secret).verify(text, json.loads(headers))
    print('taken')
except Exception as error:
    print(type(error).__name__)
`;

const libraries: Record<string, () => Promise<Verify>> = {
  async JavaScript() {
    const require = createRequire(path.join(await installSdks(), 'package.json'));
    const { Webhook } = require('standardwebhooks') as {
      Webhook: new (secret: string) => { verify(text: string, headers: object): unknown };
    };
    return (secret, text, headers) => {
      try {
        new Webhook(secret).verify(text, headers);
        return true;
      } catch (error) {
        assert.match(String((error as Error).constructor.name), /WebhookVerificationError/);
        return false;
      }
    };
  },
  async Python() {
    const python = await installPythonPackages();
    return (secret, text, headers) => {
      const { stdout, stderr } = spawnSync(python, ['-c', PROGRAM, secret, text, JSON.stringify(headers)], { encoding: 'utf8' });
      assert.match(stdout, /^(taken|WebhookVerificationError)\s$/, stderr);
      return stdout.startsWith('taken');
    };
  },
};

for (const [name, load] of Object.entries(libraries)) {
  describe(name, () => {
    let verify: Verify;
    before(async () => {
      verify = await load();
    });
    const headers = (change: Record<string, string> = {}): Record<string, string> => ({
      ...(Object.fromEntries(Object.entries(delivery.headers).filter(([header]) => header.startsWith('webhook-'))) as Record<
        string,
        string
      >),
      ...change,
    });

    test('takes it by each of two secrets', () => {
      for (const secret of [webhookSecret, next]) assert.ok(verify(secret, delivery.text, headers()));
    });

    test('refuses another secret, body, id or time', () => {
      assert.ok(!verify(stranger, delivery.text, headers()));
      assert.ok(!verify(webhookSecret, `${delivery.text} `, headers()));
      assert.ok(!verify(webhookSecret, delivery.text, headers({ 'webhook-id': 'another' })));
      assert.ok(
        !verify(webhookSecret, delivery.text, headers({ 'webhook-timestamp': String(Number(delivery.headers['webhook-timestamp']) + 1) })),
      );
    });
  });
}

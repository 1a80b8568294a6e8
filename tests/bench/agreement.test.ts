// The Hono Worker of the bench does what the Worker does, so that comparing them means something.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { assertAgreement } from './agreement.ts';
import { prepare, start } from './contestants.ts';
import { WeChat } from './wechat/wechat.ts';

const scratch = await mkdtemp(path.join(os.tmpdir(), 'wxedge-agreement-'));
const wechat = await WeChat.start(0);
const ours = await start(await prepare('wxedge', scratch, wechat), wechat);
const theirs = await start(await prepare('hono', scratch, wechat), wechat);
after(async () => {
  for (const { worker } of [ours, theirs]) await worker.close();
  wechat.close();
  await rm(scratch, { recursive: true, force: true });
});

for (const { name } of ours.jobs) {
  test(`the two Workers of the bench answer alike: ${name}`, () => assertAgreement(name, ours, theirs));
}

// npm run deploy: what it refuses before anything is built or uploaded.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { appidToDeploy } from '../../scripts/deploy.mjs';
import { fails } from './npm-start.ts';

test('an empty or wrong WECHAT_APPID is refused before it deploys', async () => {
  const refused =
    /^\nwxedge: WECHAT_APPID in wrangler\.toml must be your mini program's AppID, wx and 16 lower-case hex digits; it is "(.*)"\. Nothing was deployed\.\n$/;
  assert.equal(refused.exec(await fails('deploy', '--dry-run'))?.[1], '');
  assert.equal(refused.exec(await fails('deploy', '--dry-run', '--var', 'WECHAT_APPID:wxABC'))?.[1], 'wxABC');
});

test('the appid is that of the file, the environment or the argument that wrangler takes', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'wxedge-appid-'));
  const file = path.join(folder, 'wrangler.toml');
  const vars = (appid: string) => `vars]\nWECHAT_APPID = "${appid}"\n`;
  await writeFile(file, `name = "x"\n[${vars('wx0000000000000001')}[env.test.${vars('wx0000000000000002')}`);
  const given: [string[], string][] = [
    [['--config', file], 'wx0000000000000001'],
    [['--dry-run', '-c', file, '--env', 'test'], 'wx0000000000000002'],
    [['-c', file, '-e', 'test'], 'wx0000000000000002'],
    [['--config', file, '--var', 'A:b', '--var', 'WECHAT_APPID:wx0000000000000003'], 'wx0000000000000003'],
  ];
  for (const [args, appid] of given) assert.equal(await appidToDeploy(args), appid, args.join(' '));
  await rm(folder, { recursive: true, force: true });
});

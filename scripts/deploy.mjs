// npm run deploy: builds and puts the Worker online. What follows -- goes to wrangler.
import path from 'node:path';
import { parseArgs } from 'node:util';

import { Failure, run } from './steps.mjs';
import { root, wranglerScript } from './worker.mjs';

export async function deploy(args) {
  const appid = await appidToDeploy(args);
  if (!/^wx[0-9a-f]{16}$/.test(appid)) {
    throw new Failure(
      `WECHAT_APPID in wrangler.toml must be your mini program's AppID, wx and 16 lower-case hex digits; it is ${JSON.stringify(appid)}. Nothing was deployed.`,
    );
  }
  // wrangler calls `npm run build` itself, by [build] of wrangler.toml.
  await run(process.execPath, [wranglerScript, 'deploy', ...args], { interactive: true });
}

/**
 * The appid that a deployment with these arguments of wrangler's would have: without one, the Worker answers nothing but
 * what is wrong with it.
 */
export async function appidToDeploy(args) {
  const options = { config: { type: 'string', short: 'c' }, env: { type: 'string', short: 'e' }, var: { type: 'string', multiple: true } };
  const { config = path.join(root, 'wrangler.toml'), env, var: given = [] } = parseArgs({ args, options, strict: false }).values;
  const prefix = 'WECHAT_APPID:';
  const named = given.findLast((text) => String(text).startsWith(prefix));
  if (named !== undefined) return named.slice(prefix.length);
  const { unstable_readConfig: readConfig } = await import('wrangler');
  return String(readConfig({ config, env }, { hideWarnings: true }).vars.WECHAT_APPID ?? '');
}

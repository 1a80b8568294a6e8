// One's own appid and secrets, for a Worker on this machine that talks to WeChat itself.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';

import { Failure } from './steps.mjs';
import { root } from './worker.mjs';

/** Where they are unless told otherwise. */
export const ownVariables = '.dev.vars';

const needed = ['WECHAT_APPID', 'WECHAT_SECRET', 'SESSION_SECRET'];

/**
 * The settings in a file of `NAME=value` lines, those without a value left out.
 *
 * @param {string} file a path, relative to the root of the checkout
 */
export async function readOwnVariables(file) {
  const text = await readFile(path.resolve(root, file), 'utf8').catch((error) => {
    throw new Failure(`${file} cannot be read (${error.code}): copy .dev.vars.example to ${ownVariables} and fill it in.`);
  });
  const vars = Object.fromEntries(Object.entries(parseEnv(text)).filter(([, value]) => value !== ''));
  const missing = needed.filter((name) => vars[name] === undefined);
  if (missing.length > 0) throw new Failure(`${file} gives no value to ${missing.join(', ')}: .dev.vars.example says what each is.`);
  return vars;
}

// The settings: from the wrangler file, files of the operator's and the environment.
import { readFile } from 'node:fs/promises';

import { parse } from 'dotenv';

import { Failure } from './failure.js';

/** The settings that the Worker reads, by name. */
const known = new URL('../dist/settings.json', import.meta.url);

/**
 * Whatever is set: the environment over the files, a later file over an earlier one, those over `vars` of the wrangler file.
 * An empty value counts as none. Of the environment only what the Worker knows or the wrangler file names is taken.
 *
 * @param {{ envFiles: string[], vars: Record<string, unknown>, environment?: Record<string, string | undefined> }} sources
 * @returns {Promise<Record<string, unknown>>} texts, but for a value of the wrangler file that is none
 */
export async function readSettings({ envFiles, vars, environment = process.env }) {
  const settings = { ...vars };
  for (const file of envFiles) Object.assign(settings, await readEnvFile(file));
  const names = new Set([...Object.keys(settings), ...JSON.parse(await readFile(known, 'utf8'))]);
  for (const name of names) if (environment[name] !== undefined) settings[name] = environment[name];
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ''));
}

async function readEnvFile(file) {
  const text = await readFile(file, 'utf8').catch((error) => {
    throw new Failure(`--env-file ${file} cannot be read (${error.code}).`);
  });
  // A file of an editor on Windows may begin with a mark.
  return parse(text.replace(/^\uFEFF/, ''));
}

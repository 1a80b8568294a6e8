// What a Worker needs of its platform, as its wrangler file says: the same file that Cloudflare gets, so that both homes agree.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { parse as parseJsonc, printParseErrorCode } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';

import { Failure } from './failure.js';

/** The description of the Worker in this package. */
export const ownDescription = fileURLToPath(new URL('../dist/wrangler.json', import.meta.url));

/** What is provided here. */
const provided = ['assets', 'compatibility_date', 'compatibility_flags', 'durable_objects', 'kv_namespaces', 'main', 'migrations'];
provided.push('ratelimits', 'triggers', 'vars');
/** What says how it is built or deployed, and means nothing here. */
const elsewhere = ['$schema', 'account_id', 'alias', 'build', 'define', 'dev', 'env', 'keep_vars', 'limits', 'logpush', 'minify', 'name'];
elsewhere.push('no_bundle', 'observability', 'placement', 'preview_urls', 'route', 'routes', 'rules', 'secrets', 'send_metrics');
elsewhere.push('tsconfig', 'upload_source_maps', 'workers_dev');

/**
 * Reads a wrangler.toml, wrangler.json or wrangler.jsonc.
 *
 * @param {string} file
 * @returns {Promise<{
 *   main: string, compatibilityDate: string, compatibilityFlags: string[], vars: Record<string, unknown>,
 *   namespaces: string[], objects: { binding: string, className: string }[], classes: { className: string, key: string }[],
 *   limits: { binding: string, limit: number, period: number }[], crons: string[],
 *   assets?: { binding: string, directory: string } }>} `main` and `directory` are whole paths; a class keeps the `key` of its
 *   first name, since that is where its objects lie
 */
export async function readDescription(file) {
  const given = parse(file, await readFile(file, 'utf8').catch((error) => fail(file, `cannot be read (${error.code})`)));
  const unknown = Object.keys(given).filter((name) => !provided.includes(name) && !elsewhere.includes(name));
  if (unknown.length > 0) fail(file, `has ${unknown.join(', ')}, which a server of one's own cannot provide`);
  if (typeof given.main !== 'string') fail(file, 'has no main');
  if (typeof given.compatibility_date !== 'string') fail(file, 'has no compatibility_date');
  const classes = classesOf(file, given.migrations ?? []);
  const objects = (given.durable_objects?.bindings ?? []).map(({ name, class_name: className, script_name }) => {
    if (script_name !== undefined) fail(file, `binds ${name} to another Worker, which a server of one's own does not have`);
    if (!classes.has(className)) fail(file, `has no migration that makes ${className} with SQLite`);
    return { binding: name, className };
  });
  const whole = (relative) => path.resolve(path.dirname(file), relative);
  return {
    main: whole(given.main),
    compatibilityDate: given.compatibility_date,
    compatibilityFlags: given.compatibility_flags ?? [],
    vars: given.vars ?? {},
    namespaces: (given.kv_namespaces ?? []).map(({ binding }) => binding),
    objects,
    classes: [...classes].map(([className, key]) => ({ className, key })),
    limits: (given.ratelimits ?? []).map(({ name, simple: { limit, period } }) => ({ binding: name, limit, period })),
    crons: given.triggers?.crons ?? [],
    ...(given.assets === undefined ? {} : { assets: assetsOf(file, given.assets, whole) }),
  };
}

function parse(file, text) {
  if (file.endsWith('.toml')) {
    try {
      return parseToml(text);
    } catch (error) {
      fail(file, `is no TOML: ${error.message}`);
    }
  }
  const errors = [];
  const value = parseJsonc(text, errors, { allowTrailingComma: true });
  if (errors.length > 0) fail(file, `is no JSON: ${printParseErrorCode(errors[0].error)} at character ${errors[0].offset}`);
  return value;
}

/** The classes that the migrations leave, with the name that each had at first. */
function classesOf(file, migrations) {
  const classes = new Map();
  for (const {
    new_sqlite_classes: made = [],
    new_classes: old = [],
    renamed_classes: renamed = [],
    deleted_classes: deleted = [],
  } of migrations) {
    if (old.length > 0) fail(file, `makes ${old.join(', ')} by new_classes: use new_sqlite_classes`);
    for (const name of made) classes.set(name, name);
    for (const { from, to } of renamed) {
      classes.set(to, classes.get(from) ?? from);
      classes.delete(from);
    }
    for (const name of deleted) classes.delete(name);
  }
  return classes;
}

function assetsOf(file, { directory, binding, run_worker_first: first }, whole) {
  if (binding === undefined || first !== true)
    fail(file, 'has assets without a binding or without run_worker_first = true: the Worker has to serve them');
  return { binding, directory: whole(directory) };
}

function fail(file, why) {
  throw new Failure(`${file} ${why}.`);
}

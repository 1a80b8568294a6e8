// wrangler.toml: what the contract pins, and that wrangler takes what was built.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { unstable_readConfig as readConfig } from 'wrangler';
import { root } from '../../scripts/worker.mjs';
import { asBuilt, wrangler } from '../support/wrangler.ts';

const CONFIG = path.join(root, 'wrangler.toml');

/** What these tests look at. Wrangler's own type comes from a package that is not installed. */
type Config = {
  main: string;
  vars: Record<string, unknown>;
  build: { command?: string };
  compatibility_flags: string[];
  durable_objects: { bindings: { name: string; class_name: string }[] };
  migrations: { tag: string; new_sqlite_classes?: string[]; new_classes?: string[] }[];
  kv_namespaces: { binding: string }[];
  ratelimits: { name: string; simple: { limit: number; period: number } }[];
  assets?: { directory?: string; binding?: string; run_worker_first?: boolean };
  triggers: { crons: string[] };
  observability?: { traces?: { enabled?: boolean }; logs?: { invocation_logs?: boolean } };
};

// As JSON, since the parser's objects have no prototype.
const config = JSON.parse(JSON.stringify(readConfig({ config: CONFIG }, { hideWarnings: true }))) as Config;

test('a Worker of the same zone can be called', () => {
  assert.ok(config.compatibility_flags.includes('global_fetch_strictly_public'));
});

test('automatic traces are off, since their spans record URLs, and invocation logs with them', () => {
  assert.equal(config.observability?.traces?.enabled, false);
  assert.equal(config.observability?.logs?.invocation_logs, false);
});

// A migration that was deployed is never changed: what comes later has one of its own.
const MIGRATIONS = [
  { tag: 'v1', new_sqlite_classes: ['TokenKeeper', 'Sessions', 'Makers'] },
  { tag: 'v2', new_sqlite_classes: ['Events'] },
];

test('the Durable Objects are bound, and made with SQLite by a migration that stays as it was deployed', () => {
  assert.deepEqual(config.migrations, MIGRATIONS);
  const classes = config.durable_objects.bindings.map(({ class_name }) => class_name);
  assert.deepEqual(classes.toSorted(), MIGRATIONS.flatMap((migration) => migration.new_sqlite_classes).toSorted());
  assert.deepEqual(
    config.durable_objects.bindings.map(({ name }) => name),
    classes.map((name) => (name ?? '').replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()),
  );
});

test('the KV namespace, the login limit and the cron are those of the contract', () => {
  assert.deepEqual(
    config.kv_namespaces.map(({ binding }) => binding),
    ['WXEDGE_KV'],
  );
  assert.deepEqual(
    config.ratelimits.map(({ name, simple }) => ({ name, simple })),
    [{ name: 'LOGIN_LIMITER', simple: { limit: 300, period: 60 } }],
  );
  assert.deepEqual(config.triggers.crons, ['*/5 * * * *']);
});

test('what lies beside the Worker is served by it, with its own headers', () => {
  assert.equal(config.assets?.binding, 'ASSETS');
  assert.equal(config.assets?.run_worker_first, true);
});

test('no secret and no real appid is in the file', () => {
  assert.deepEqual(config.vars, { WECHAT_APPID: '' });
});

test('npm run build makes what main points at', () => {
  assert.equal(config.build.command, 'npm run build');
  assert.equal(path.relative(root, config.main).split(path.sep).join('/'), 'worker/build/index.js');
});

test('wrangler deploy --dry-run takes what was built, and warns of nothing', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'wxedge-deploy-'));
  try {
    const copy = path.join(directory, 'wrangler.toml');
    const text = await readFile(CONFIG, 'utf8');
    await writeFile(copy, asBuilt(text));
    const output = path.join(directory, 'output');
    const printed = await wrangler(['deploy', config.main, '--dry-run', '--outdir', output, '--config', copy], directory);
    for (const name of ['TOKEN_KEEPER', 'SESSIONS', 'MAKERS', 'WXEDGE_KV', 'ASSETS', 'LOGIN_LIMITER']) {
      assert.ok(printed.includes(name), `${name} in ${printed}`);
    }
    assert.doesNotMatch(printed, /warning/i);
    const files = await readdir(output);
    assert.ok(files.some((name) => name.endsWith('.js')) && files.some((name) => name.endsWith('.wasm')), files.join());
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

// One description, two homes: what workerd is given is what wrangler makes of wrangler.toml.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { workerOptions } from '../../scripts/worker.mjs';
import { description } from '../../scripts/worker-package.mjs';
import { readDescription } from '../../packages/worker/src/description.js';
import { ownConfig } from './server.ts';

const dist = new URL('../../packages/worker/dist/', import.meta.url);
const text = (name: string) => readFile(new URL(name, dist), 'utf8');

test('the description of the package is wrangler.toml, read now', async () => {
  assert.deepEqual(JSON.parse(await text('wrangler.json')), JSON.parse(JSON.stringify(await description())));
});

test('what serve provides is what wrangler makes of wrangler.toml for its own runtime, no more and no less', async () => {
  const options = (await workerOptions()) as Record<string, any>;
  const ours = await readDescription(fileURLToPath(new URL('wrangler.json', dist)));
  assert.equal(ours.compatibilityDate, options['compatibilityDate']);
  assert.deepEqual(ours.compatibilityFlags, options['compatibilityFlags']);
  assert.deepEqual(ours.vars, options['bindings']);
  assert.deepEqual(ours.namespaces, Object.keys(options['kvNamespaces']));
  const objects = Object.entries(options['durableObjects'] as Record<string, { className: string; useSQLite: boolean }>);
  assert.deepEqual(
    ours.objects,
    objects.map(([binding, { className }]) => ({ binding, className })),
  );
  assert.ok(objects.every(([, { useSQLite }]) => useSQLite));
  assert.deepEqual(
    ours.limits,
    Object.entries(options['ratelimits'] as Record<string, { simple: object }>).map(([binding, { simple }]) => ({ binding, ...simple })),
  );
  assert.equal(ours.assets?.binding, options['assets'].binding);
  assert.deepEqual(ours.crons, options['cronTriggers']);
  // What is built of what, and a catcher of mails, which nothing sends.
  const other = ['name', 'rootPath', 'modules', 'modulesRoot', 'modulesRules', 'email'];
  const compared = [
    'compatibilityDate',
    'compatibilityFlags',
    'bindings',
    'kvNamespaces',
    'durableObjects',
    'ratelimits',
    'assets',
    'cronTriggers',
  ];
  const isThere = (value: unknown) => JSON.stringify(value ?? []).length > 2;
  const unknown = Object.keys(options).filter((name) => ![...other, ...compared].includes(name) && isThere(options[name]));
  assert.deepEqual(unknown, [], 'bindings that serve does not provide');
});

test('each class of Durable Objects is exported by what was built, and bound', async () => {
  const built = await text('index.js');
  const { classes, objects } = await readDescription(fileURLToPath(new URL('wrangler.json', dist)));
  assert.deepEqual(classes.map(({ className }) => className).sort(), objects.map(({ className }) => className).sort());
  for (const { className, key } of classes) {
    assert.match(built, new RegExp(`export\\{[^}]* as ${className}\\b`));
    assert.equal(key, className, 'the name that its objects lie under');
  }
});

test('the settings that are taken from the environment are those of the table in the README', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const table = /<!-- settings -->([^]*)<!-- \/settings -->/.exec(readme)?.[1] ?? '';
  const names = [...table.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, name]) => name);
  assert.ok(names.length > 20);
  assert.deepEqual(JSON.parse(await text('settings.json')), names);
});

test('a class that was renamed keeps the objects of its first name', async () => {
  assert.deepEqual((await readDescription(ownConfig)).classes, [{ className: 'Counter', key: 'Tally' }]);
});

test('the version of workerd is one, and pinned', async () => {
  const versionIn = async (file: string) => JSON.parse(await readFile(new URL(file, dist), 'utf8'));
  const { dependencies } = await versionIn('../package.json');
  const { devDependencies } = await versionIn('../../../package.json');
  assert.match(dependencies.workerd, /^\d+\.\d+\.\d+$/);
  assert.equal(dependencies.workerd, devDependencies.workerd);
});

test('the command is plain JavaScript that any Node from 18.17 reads: what it imports is its dependencies and itself', async () => {
  const source = new URL('../src/', dist);
  const { dependencies } = JSON.parse(await readFile(new URL('../package.json', dist), 'utf8'));
  const imported = new Set<string>();
  for (const name of await readdir(source)) {
    for (const [, from = ''] of (await readFile(new URL(name, source), 'utf8')).matchAll(/^(?:import|export) .* from '([^']+)'/gm))
      imported.add(from);
  }
  const packages = [...imported].filter((name) => !name.startsWith('node:') && !name.startsWith('./'));
  const expected = Object.keys(dependencies).filter((name) => packages.includes(name) || name === 'ipaddr.js');
  assert.deepEqual(packages.sort(), expected.sort());
  assert.ok(!imported.has('node:sqlite'));
});

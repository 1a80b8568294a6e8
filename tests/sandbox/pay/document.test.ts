// The document of WeChat Pay in the sandbox says the same in both languages, and all that there is.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { merchant } from './merchant.ts';

const shop = merchant();
const read = (name: string): Promise<string> => readFile(new URL(`../../../sandbox/${name}`, import.meta.url), 'utf8');
const english = await read('pay.md');
const chinese = await read('pay.zh-CN.md');

const blocks = (text: string): string[] =>
  [...text.matchAll(/```[^]*?```/g)].map(([block]) => block.replace(/ +(?:#|\/\/) .*$/gm, '').replace(/^\/\/ .*$/gm, ''));
const shape = (text: string): string[] => text.split('\n').map((line) => /^(?:#+ |\| |```)/.exec(line)?.[0] ?? (line === '' ? '' : 'text'));
/** The code in the first cells of the tables. */
const rows = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => [...(line.split(/(?<!\\)\|/)[1] ?? '').matchAll(/`[^`]+`/g)].map(String).sort().join());

test('it has the same sections, rows and code in both', () => {
  assert.deepEqual(shape(chinese), shape(english));
  assert.deepEqual(blocks(chinese), blocks(english));
  assert.deepEqual(rows(chinese), rows(english));
});

test('it names every route and every kind of fault', async () => {
  const { routes } = (await (await fetch(`${shop.sandbox.url}/sandbox`)).json()) as { routes: string[] };
  const paths = routes.map((route) => /\/sandbox\/pay\/[\w/-]+/.exec(route)?.[0]).filter((path) => path !== undefined);
  assert.ok(paths.length > 10);
  for (const path of paths) assert.ok(english.includes(path), path);
  assert.throws(
    () => shop.sandbox.pay.addFault({ kind: 'odd' } as never),
    (error: Error) => {
      const kinds = error.message.replace(/^.* is none of /, '').split(', ');
      assert.ok(kinds.length > 30);
      for (const kind of kinds) assert.ok(english.includes(`\`${kind}\``), kind);
      return true;
    },
  );
});

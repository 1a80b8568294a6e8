// docs/migrate.md says the same in both languages.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const read = (name: string): Promise<string> => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const [english, chinese] = await Promise.all([read('migrate.md'), read('migrate.zh-CN.md')]);

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([found]) => found);

test('both have the same code but for comments, the same headings of SDKs, settings and codes', () => {
  const code = (text: string): string[] => all(text, /```[^]*?```/g).map((block) => block.replaceAll(/^# .*$/gm, '#'));
  assert.deepEqual(code(chinese), code(english));
  for (const pattern of [/^### [\w/ -]+$/gm, /^\| (-?\d+) \|/gm, /\]\([^)]*#[^)]*\)/g]) {
    assert.deepEqual(all(chinese, pattern), all(english, pattern), String(pattern));
  }
  const terms = (text: string): string[] => [...new Set(all(text.replaceAll(/```[^]*?```/g, ''), /`[^`]+`/g))].toSorted();
  assert.deepEqual(terms(chinese), terms(english));
});

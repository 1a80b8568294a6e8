// The documents of deployment: both languages say the same, and what they have one paste is what there is.
import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const docs = new URL('../../docs/', import.meta.url);
const read = (name: string): Promise<string> => readFile(new URL(name, docs), 'utf8');

/** The blocks of code, without their comments. */
function codeIn(text: string): string[] {
  return [...text.matchAll(/^```\w+\n([^]*?)^```$/gm)].map(([, code = '']) => code.replace(/^ *#.*$\n?/gm, ''));
}

const linksIn = (text: string): string[] => [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
const headings = (text: string): number[] => (text.match(/^#+/gm) ?? []).map(({ length }) => length);

for (const name of ['deploy', 'deploy-china']) {
  test(`${name}.md and its Chinese have the same code, sections and tables`, async () => {
    const [english, chinese] = await Promise.all([read(`${name}.md`), read(`${name}.zh-CN.md`)]);
    assert.ok(codeIn(english).length >= 3);
    assert.deepEqual(codeIn(chinese), codeIn(english));
    assert.deepEqual(headings(chinese), headings(english));
    assert.equal(chinese.match(/^\|/gm)?.length, english.match(/^\|/gm)?.length);
    const withoutLanguage = (link: string) => link.replace('.zh-CN', '');
    assert.deepEqual(
      [...new Set(linksIn(chinese).map(withoutLanguage))].sort(),
      [...new Set(linksIn(english).map(withoutLanguage))].sort(),
    );
    for (const link of [...linksIn(english), ...linksIn(chinese)]) if (!link.startsWith('https:')) await access(new URL(link, docs));
  });
}

test('each option of wxedge-worker that a document names is one', async () => {
  const source = await readFile(new URL('../packages/worker/src/command.js', docs), 'utf8');
  const usage = /const usage = `([^`]+)`/.exec(source)?.[1] ?? '';
  const known = new Set(usage.match(/--[a-z-]+/g));
  for (const name of ['deploy-china.md', '../packages/worker/README.md']) {
    const text = (await read(name)).replaceAll('", "', ' ');
    const used = [...text.matchAll(/wxedge-worker(?:\.js"?)? (serve|backup|restore|doctor)([^\n`]*)/g)];
    assert.ok(used.length >= 3, name);
    for (const [, , options = ''] of used)
      for (const option of options.match(/--[a-z-]+/g) ?? []) assert.ok(known.has(option), `${name}: ${option}`);
  }
});

test('the routes block stands in a wrangler.jsonc as it is', async () => {
  const { parse } = await import('jsonc-parser');
  const block = codeIn(await read('deploy.md')).find((code) => code.includes('"routes"')) ?? '';
  const errors: object[] = [];
  const { routes } = parse(`{${block}}`, errors as never[], { allowTrailingComma: true });
  assert.deepEqual([errors, routes], [[], [{ pattern: 'api.example.com', custom_domain: true }]]);
});

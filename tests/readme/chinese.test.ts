// The Chinese README has what the English one has, in the words of those who develop mini programs.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const read = (name: string): Promise<string> => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
const english = await read('README.md');
const chinese = await read('README.zh-CN.md');

/** The lines that go on with an item of a list, and with a paragraph that begins with its name. */
const continued: Record<string, RegExp> = { list: /^ /, 'named paragraph': /^[^-*]/ };

type Block = { kind: string; lines: string[] };

/** What it is made of, in order: headings, tables, lists, code, and paragraphs between them. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let inCode = false;
  for (const line of text.split('\n')) {
    const kind = inCode ? 'code' : kindOf(line);
    if (line.startsWith('```')) inCode = !inCode;
    const last = blocks.at(-1);
    const goesOn = last?.kind === kind || continued[last?.kind ?? '']?.test(line);
    if (last && goesOn) last.lines.push(line);
    else blocks.push({ kind, lines: [line] });
  }
  return blocks.filter(({ kind }) => kind !== 'empty');
}

function kindOf(line: string): string {
  const [mark = ''] = /^(#+ |\||- |```|!\[|\*\*(?=[^*]+\*\*))/.exec(line) ?? [];
  const kinds: Record<string, string> = {
    '|': 'table',
    '- ': 'list',
    '```': 'code',
    '![': 'image',
    '**': 'named paragraph',
    '': line === '' ? 'empty' : 'paragraph',
  };
  return kinds[mark] ?? mark;
}

/** The code in the cells of one column of the tables. */
function column(text: string, number: number): string[] {
  const rows = blocksOf(text)
    .filter(({ kind }) => kind === 'table')
    .flatMap(({ lines }) => lines);
  return rows.map((row) => [...(row.split('|')[number + 1] ?? '').matchAll(/`[^`]+`/g)].join());
}

const codeIn = (text: string): string[] =>
  blocksOf(text)
    .filter(({ kind }) => kind === 'code')
    .map(({ lines }) => lines.map((line) => line.replace(/ +(#|\/\/) .*$/, '')).join('\n'));
const linksIn = (text: string): string[] => [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target).slice(1);
const numbersIn = (text: string): string[] => (text.match(/\d+/g) ?? []).sort();

function sectionOf(text: string, heading: string): string {
  const found = text.split(/^## /m).find((section) => section.startsWith(`${heading}\n`));
  return found ?? assert.fail(`there is no section ${heading}`);
}

test('it has the same sections, tables, lists and blocks of code as the English one, in the same order', () => {
  const shapeOf = (text: string) => blocksOf(text).map(({ kind, lines }) => (kind === 'table' ? `${kind} of ${lines.length}` : kind));
  assert.deepEqual(shapeOf(chinese), shapeOf(english));
  const items = (text: string) => text.match(/^- /gm)?.length;
  assert.equal(items(chinese), items(english));
});

test('it has the same commands, code, routes, settings, defaults, links and figures', () => {
  assert.deepEqual(codeIn(chinese), codeIn(english));
  for (const number of [0, 2]) assert.deepEqual(column(sectionOf(chinese, '配置'), number), column(sectionOf(english, 'Settings'), number));
  assert.deepEqual(column(sectionOf(chinese, '接口'), 0), column(sectionOf(english, 'Routes'), 0));
  assert.deepEqual(linksIn(chinese), linksIn(english));
  assert.deepEqual(numbersIn(sectionOf(chinese, '性能')), numbersIn(sectionOf(english, 'Figures')));
});

test('it says things as the field says them', () => {
  const text = chinese.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
  const phrases = [
    '用沙箱模拟微信接口',
    '统一采用 RFC 9457 (Problem Details) 格式',
    '持有方括号内权限 (scope) 的 API key',
    '固定出口 IP 的转发服务',
    '最长有效时间',
    '部分网络无法访问',
    /仅为 `PUBLIC_HOSTS` .*的页面签名/,
    '测试方法与耗时分析',
    '38 ms (Hono 35 ms)',
  ];
  for (const phrase of phrases) assert.match(text, typeof phrase === 'string' ? new RegExp(phrase.replace(/[().]/g, '\\$&')) : phrase);
});

test('no line breaks in the middle of its sentences, where a browser would show a space', () => {
  const paragraphs = blocksOf(chinese).filter(({ kind }) => ['paragraph', 'named paragraph', 'list'].includes(kind));
  for (const { kind, lines } of paragraphs) {
    assert.ok(kind === 'list' ? lines.every((line) => line.startsWith('- ')) : lines.length === 1, lines.join('\n'));
  }
});

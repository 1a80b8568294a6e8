// npx wxedge: what a person and a script get from it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../pkg/bin/wxedge.js', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'wxedge-command-'));
after(() => rmSync(folder, { recursive: true }));
const pages = join(folder, 'pages.json');
writeFileSync(
  pages,
  `\ufeff{
  // "pages": a comment, and a text with // and , ] in it
  "pages": [{ "path": "pages/index/index", "style": { "navigationBarTitleText": "a // b, ]" } }, /* the last */],
}`,
);
const broken = join(folder, 'broken.json');
writeFileSync(broken, '{');

const ANSWERS: [name: string, args: string[], status: number, printed: RegExp, input?: string][] = [
  ['help without a command', [], 0, /^Usage: wxedge[^]*launch[^]*scene[^]*rule[^]*scheme[^]*pages/],
  ['help of a command', ['rule', '--help'], 0, /^Usage: wxedge rule <rule> <link>/],
  ['the version', ['--version'], 0, /^\d+\.\d+\.\d+$/],
  ['a launch from a code', ['launch', 'pages/a?scene=id%3D7', '--scene', '1047'], 0, /扫描小程序码[^]*code\.params\.id +7/],
  ['a launch from a link', ['launch', 'pages/a?q=https%3A%2F%2Fa.cn%2F%3Fid%3D7'], 0, /link\.url +https:\/\/a\.cn\/\?id=7/],
  ['a launch as JSON from standard input', ['launch', '-', '--json'], 0, /"single_page": true/, '{"scene":1154}'],
  ['a scene', ['scene', 'id%3D7'], 0, /params\.id +7/],
  ['a scene to be written', ['scene', '--build', 'id=7', 'from=poster'], 0, /^id=7&from=poster$/],
  ['a scene to be written, for a script', ['scene', '--build', 'id=7', '--json'], 0, /"scene": "id=7"/],
  ['a launch scene value', ['scene', '--value', '1154'], 0, /单页模式/],
  ['a rule that matches', ['rule', 'https://a.cn/s/', 'https://a.cn/s/7'], 0, /^matches$/],
  ['a rule that does not', ['rule', 'https://a.cn/s/', 'https://b.cn/s/7', '--json'], 1, /"matches": false/],
  [
    'a scheme',
    ['scheme', '--appid', 'wx0123456789abcdef', '--path', 'pages/a', '--query', 'n=茶', '--env-version', 'trial'],
    0,
    /^weixin:\/\/dl\/business\/\?appid=wx0123456789abcdef&path=pages\/a&query=n%3D%E8%8C%B6&env_version=trial$/,
  ],
  ['pages that are there', ['pages', pages, 'pages/index/index'], 0, /^every page is there$/],
  [
    'pages that are not',
    ['pages', pages, '/pages/index/index', 'pages/nowhere', '--json'],
    1,
    /"path": "\/pages\/index\/index"[^]*"path": "pages\/nowhere"/,
  ],
];

for (const [name, args, status, printed, input] of ANSWERS) {
  test(name, () => {
    const answer = run(args, input);
    assert.deepEqual([answer.status, answer.stderr], [status, '']);
    assert.match(answer.stdout.trim(), printed);
    if (args.includes('--json')) JSON.parse(answer.stdout);
  });
}

const REFUSALS: [name: string, args: string[], complaint: RegExp][] = [
  ['no such command', ['nope'], /no command "nope"\n.*launch, scene, rule, scheme, pages/],
  ['a name of every object', ['constructor'], /no command "constructor"/],
  ['no such option', ['launch', 'pages/a', '--sceen', '1'], /--sceen/],
  ['an argument too few', ['rule', 'https://a.cn/'], /it takes <rule> <link>, and got 1/],
  ['a scene value that is none', ['launch', 'pages/a', '--scene', 'code'], /--scene takes a number, and got "code"/],
  ['options that are no JSON', ['launch', '{"path":'], /the options: this is not JSON/],
  ['a scene that no code takes', ['scene', '--build', 'a=茶'], /scene may hold only/],
  ['a scheme without its path', ['scheme', '--appid', 'wx0123456789abcdef'], /path/],
  ['a file that is not there', ['pages', join(folder, 'nowhere.json'), 'a'], /nowhere\.json cannot be read: ENOENT/],
  ['a file that is no JSON', ['pages', broken, 'a'], /broken\.json: this is not JSON/],
];

for (const [name, args, complaint] of REFUSALS) {
  test(`${name} is refused in words, and with --json as JSON`, () => {
    const answer = run(args);
    assert.deepEqual([answer.status, answer.stdout], [2, '']);
    assert.match(answer.stderr, complaint);
    assert.doesNotMatch(answer.stderr, /\n\s+at /);
    const { error } = JSON.parse(run([...args, '--json']).stderr);
    assert.match(error.code, /^[a-z_]+$/);
  });
}

// Colours, a cleared screen, a moved cursor, a forged line, a reversed direction, the C1 way to begin a sequence.
const STRANGE = '\x1b[2J\x07\r\ncode.params.id  8\u009b31m\u202e\u2028';

test('no terminal obeys what a stranger wrote', () => {
  const encoded = encodeURIComponent(STRANGE);
  const printed = [
    run(['scene', `a=${encoded}`]),
    run(['scene', `${encoded}=1`, '--json']),
    run(['launch', `pages/a?a=${encoded}`]),
    run(['pages', pages, STRANGE]),
    run(['pages', pages, STRANGE, '--json']),
    run([STRANGE]),
    run([STRANGE, '--json']),
    run(['launch', 'pages/a', '--scene', STRANGE]),
  ];
  for (const { stdout, stderr } of printed) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    assert.doesNotMatch(stdout + stderr, /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e]/);
    assert.doesNotMatch(stdout + stderr, /^code\.params\.id/m);
    assert.match(stdout + stderr, /\\u009b31m/);
  }
  const scene = JSON.parse(printed[1]?.stdout ?? '') as { params: Record<string, string> };
  assert.deepEqual(scene.params, { [STRANGE]: '1' });
});

function run(args: string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8', input });
  return { status, stdout, stderr };
}

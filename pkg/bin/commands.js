import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';

import { buildScene, checkPages, matchLinkRule, parseLaunch, parseScene, plainScheme, sceneInfo } from 'wxedge';

import { parseJsonc } from './jsonc.js';

/** A command that was called in a way it does not take. */
export class Misuse extends Error {
  constructor(message, hint) {
    super(message);
    this.code = 'misuse';
    this.hint = hint;
  }
}

/** Each takes its arguments and options, and gives its answer, and for people its lines, and whether it is a no. */
export const commands = {
  launch: {
    does: 'read the options of App.onLaunch',
    usage: '<page?query | \'{"path": …}\' | -> [--scene 1047]',
    help: `A path with a query as the phone hands it over, encoded; or the options as JSON; or - to read either from
standard input. --scene is the launch scene value.

  wxedge launch 'pages/goods?scene=id%3D7' --scene 1047
  wxedge launch 'pages/goods?q=https%3A%2F%2Fa.cn%2F%3Fid%3D7' --scene 1011`,
    options: { scene: { type: 'string' } },
    async run(args, { scene }) {
      const [given] = take(args, ['options']);
      const options = launchOptions(given === '-' ? (await textOf(process.stdin)).trim() : given);
      return { answer: parseLaunch(scene === undefined ? options : { ...options, scene: numberOf(scene, '--scene') }) };
    },
  },
  scene: {
    does: 'read a scene, write one, or explain a launch scene value',
    usage: '<scene> | --build <key=value>… | --value <number>',
    help: `Reads the scene of a code, encoded or not. --build writes one, of at most 32 characters. --value explains the
number that a launch comes with.

  wxedge scene id%3D7
  wxedge scene --build id=7 from=poster
  wxedge scene --value 1047`,
    options: { build: { type: 'boolean' }, value: { type: 'string' } },
    run(args, { build, value }) {
      if (value !== undefined) {
        take(args, []);
        return { answer: sceneInfo(numberOf(value, '--value')) };
      }
      if (!build) return { answer: parseScene(take(args, ['scene'])[0]) };
      const scene = buildScene(Object.fromEntries(args.map(pairOf)));
      return { answer: { scene }, lines: [scene] };
    },
  },
  rule: {
    does: 'whether a rule for ordinary links matches a link',
    usage: '<rule> <link>',
    help: `The rule is the prefix that the console of WeChat takes. Exit code 0 when it matches, 1 when not.

  wxedge rule https://a.cn/s/ 'https://a.cn/s/7?from=x'`,
    run(args) {
      const matches = matchLinkRule(...take(args, ['rule', 'link']));
      return { answer: { matches }, lines: [matches ? 'matches' : 'does not match'], no: !matches };
    },
  },
  scheme: {
    does: 'write a plain URL scheme',
    usage: '--appid <appid> --path <page> [--query <query>] [--env-version release|trial|develop]',
    help: `The path has to be declared in the console of WeChat; the query is encoded here.

  wxedge scheme --appid wx0123456789abcdef --path pages/goods --query id=7`,
    options: { appid: { type: 'string' }, path: { type: 'string' }, query: { type: 'string' }, 'env-version': { type: 'string' } },
    run(args, { appid, path, query, 'env-version': version }) {
      take(args, []);
      const scheme = plainScheme({
        appid,
        path,
        ...(query === undefined ? {} : { query }),
        ...(version === undefined ? {} : { env_version: version }),
      });
      return { answer: { scheme }, lines: [scheme] };
    },
  },
  pages: {
    does: 'check the pages that codes and links name against app.json or pages.json',
    usage: '<app.json | pages.json> <page>…',
    help: `Comments in the file are fine. Exit code 0 when every page is there, 1 when not.

  wxedge pages src/pages.json pages/index/index pages/goods/goods`,
    async run([file, ...paths]) {
      if (file === undefined || paths.length === 0)
        throw new Misuse('it takes a file and at least one page', `usage: wxedge pages ${commands.pages.usage}`);
      const problems = checkPages(await readApp(file), paths);
      const lines = problems.map(({ path, problem }) => `${path}: ${problem}`);
      return { answer: problems, lines: lines.length > 0 ? lines : ['every page is there'], no: lines.length > 0 };
    },
  },
};

function take(args, names) {
  if (args.length === names.length) return args;
  const wanted = names.length === 0 ? 'no argument besides its options' : names.map((name) => `<${name}>`).join(' ');
  throw new Misuse(`it takes ${wanted}, and got ${args.length} arguments`, 'put what has spaces, & or ? into quotation marks');
}

/** Values stay encoded, as on a phone. */
function launchOptions(text) {
  if (text.startsWith('{')) return parseJson(text, 'the options');
  const [path, ...query] = text.split('?');
  const pairs = query
    .join('?')
    .split('&')
    .filter(Boolean)
    .map((pair) => pairOf(pair));
  return { path, query: Object.fromEntries(pairs) };
}

function pairOf(text) {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function numberOf(text, name) {
  if (!/^\d{1,9}$/.test(text)) throw new Misuse(`${name} takes a number, and got "${text}"`);
  return Number(text);
}

async function readApp(file) {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new Misuse(`${file} cannot be read: ${error.code || error.message}`);
  }
  return parseJson(text, file);
}

function parseJson(text, what) {
  try {
    return parseJsonc(text);
  } catch (error) {
    throw new Misuse(`${what}: this is not JSON: ${error.message}`);
  }
}

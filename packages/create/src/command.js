// The command line: what is given, what is asked for, and what to do next.
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';

import { create, Failure, languages, templates } from './create.js';

const usage = `Usage: npm create wxedge@latest [NAME] -- [--yes] [--template ${templates.join('|')}] [--language ${languages.join('|')}]

  NAME        the folder to make
  --yes       asks nothing
  --template  the mini program that comes with it: ${templates.join(', ')}
  --language  of the README`;

/** Makes the folder, and sets the exit code: 0, or 1 with one clear error. */
export async function main(args) {
  try {
    const answers = await answersOf(args);
    if (answers === undefined) return console.log(usage);
    await create(answers);
    console.log(whatNext(answers));
  } catch (error) {
    console.error(error instanceof Failure ? `create-wxedge: ${error.message}` : error);
    process.exitCode = 1;
  }
}

/** What the options say, and else the person; nothing when he asked for help. */
async function answersOf(args) {
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  let parsed;
  try {
    parsed = parseArgs({
      args,
      options: { yes: { ...flag, short: 'y' }, help: flag, template: text, language: text },
      allowPositionals: true,
    });
  } catch (error) {
    throw new Failure(`${error.message}\n${usage}`);
  }
  const { values, positionals } = parsed;
  if (values.help) return undefined;
  if (positionals.length > 1) throw new Failure(`one name, please.\n${usage}`);
  const ask = values.yes || !process.stdin.isTTY ? (_question, usual) => usual : asker();
  const folder = positionals[0] ?? (await ask('Folder', 'shop'));
  const template = values.template ?? (await ask(`Mini program (${templates.join(', ')})`, templates[0]));
  const language = values.language ?? (await ask(`README (${languages.join(', ')})`, usualLanguage()));
  ask.close?.();
  return { folder: path.resolve(folder), template, language };
}

function asker() {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const ask = async (question, usual) => (await lines.question(`${question} [${usual}]: `)).trim() || usual;
  return Object.assign(ask, { close: () => lines.close() });
}

const usualLanguage = () => (Intl.DateTimeFormat().resolvedOptions().locale.startsWith('zh') ? 'zh' : 'en');

function whatNext({ folder, language }) {
  const place = path.relative(process.cwd(), folder);
  const commands = `\n  cd ${place}\n  npm install\n  npm start\n`;
  return language === 'zh' ? `${place} 已创建。接下来：\n${commands}` : `${place} is made. Next:\n${commands}`;
}

#!/usr/bin/env node
// npx wxedge: each function by hand. Exit codes: 0 done, or yes; 1 the answer is no; 2 it could not be asked.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { ready } from 'wxedge';

import { commands, Misuse } from './commands.js';
import { linesOf, shown } from './lines.js';

const SWITCHES = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } };

const HELP = `Usage: wxedge <command> [--json] [--help]

${Object.entries(commands)
  .map(([name, { does }]) => `  ${name.padEnd(8)} ${does}`)
  .join('\n')}

wxedge <command> --help says what it takes. --json prints JSON, for scripts.
Exit codes: 0 done, or yes; 1 the answer is no; 2 it could not be asked.`;

async function main([name, ...args]) {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return say(HELP);
  if (name === '--version') return say(JSON.parse(await readFile(new URL('../package.json', import.meta.url))).version);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new Misuse(`there is no command "${name}"`, `use one of ${Object.keys(commands).join(', ')}`);
  const { values, positionals } = parse(command, args);
  if (values.help) return say(`Usage: wxedge ${name} ${command.usage}\n\n${command.help}`);
  await ready();
  const { answer, lines = linesOf(answer), no = false } = await command.run(positionals, values);
  say(values.json ? json(answer) : lines.map(shown).join('\n'));
  if (no) process.exitCode = 1;
}

function parse(command, args) {
  try {
    return parseArgs({ args, options: { ...SWITCHES, ...command.options }, allowPositionals: true });
  } catch (error) {
    throw new Misuse(error.message, `usage: ${command.usage}`);
  }
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

/** What JSON leaves as it is in a text is escaped in the same way. */
function json(value) {
  return JSON.stringify(value, null, 2).split('\n').map(shown).join('\n');
}

function complain({ code = 'failed', message, hint }, asJson) {
  const lines = hint ? [`wxedge: ${message}`, `  ${hint}`] : [`wxedge: ${message}`];
  process.stderr.write(`${asJson ? json({ error: { code, message, hint } }) : lines.map(shown).join('\n')}\n`);
  process.exitCode = 2;
}

const args = process.argv.slice(2);
main(args).catch((error) => complain(error, args.includes('--json')));

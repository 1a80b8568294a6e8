// The command line: what each command takes, and how its errors are said.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { backup } from './backup.js';
import { doctor } from './doctor.js';
import { Failure } from './failure.js';
import { restore } from './restore.js';
import { serve } from './serve.js';

const usage = `Usage:
  wxedge-worker serve   [--data DIR] [--env-file FILE] [--host 127.0.0.1] [--port 8787] [--trust-proxy LIST]
                        [--memory MB] [--grace SECONDS] [--config FILE] [--main FILE]
  wxedge-worker backup  DIR [--data DIR]    while it runs, or not
  wxedge-worker restore DIR [--data DIR]    while it does not run
  wxedge-worker doctor      [--data DIR] [--env-file FILE] [--config FILE] [--main FILE]

  --data         where everything is kept: ./data
  --env-file     NAME=value lines; what the environment sets goes over them. May be given more than once
  --host         the address to listen on; 0.0.0.0 or :: for all
  --port         0 picks a free one
  --trust-proxy  whose X-Forwarded-For is believed: addresses, networks such as 10.0.0.0/8, loopback (the default) or none
  --memory       of JavaScript, in MB: 128. The process takes some 100 MB more
  --grace        for how long requests may go on after SIGTERM: 30
  --config       a wrangler.jsonc or wrangler.toml of one's own
  --main         the built Worker of one's own: what "wrangler deploy --dry-run --outdir DIR" makes`;

const text = { type: 'string' };
const files = { 'env-file': { type: 'string', multiple: true, default: [] }, config: text, main: text };
const data = { type: 'string', default: 'data' };

/** What each command takes, how many folders it names, and what it does. */
const commands = {
  serve: {
    options: {
      data,
      ...files,
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8787' },
      'trust-proxy': { type: 'string', default: 'loopback' },
      memory: { type: 'string', default: '128' },
      grace: { type: 'string', default: '30' },
    },
    run: (values) =>
      serve({
        ...places(values),
        host: values.host,
        port: whole('--port', values.port, 0, 65_535),
        trustProxy: values['trust-proxy'],
        memory: whole('--memory', values.memory, 32, 65_536),
        grace: whole('--grace', values.grace, 0, 3600),
      }),
  },
  backup: { options: { data }, folders: 1, run: (values, [folder]) => backup({ ...places(values), to: path.resolve(folder) }) },
  restore: { options: { data }, folders: 1, run: (values, [folder]) => restore({ ...places(values), from: path.resolve(folder) }) },
  doctor: { options: { data, ...files }, run: (values) => doctor(places(values)) },
};

/** Runs the command, and sets the exit code: 0, or 1 with one clear error. */
export async function main(args) {
  try {
    process.exitCode = (await run(args)) ?? 0;
  } catch (error) {
    console.error(error instanceof Failure ? `wxedge-worker: ${error.message}` : error);
    process.exitCode = 1;
  }
}

async function run([name = '', ...args]) {
  if (name === '--version') return console.log(JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')).version);
  if (name === '' || name === '--help' || name === 'help') return console.log(usage);
  if (!Object.hasOwn(commands, name)) throw new Failure(`there is no command "${name}".\n${usage}`);
  const { options, folders = 0, run: command } = commands[name];
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Failure(`${error.message}\n${usage}`);
  }
  if (parsed.positionals.length !== folders) throw new Failure(`${name} takes ${folders === 0 ? 'no folder' : 'one folder'}.\n${usage}`);
  return command(parsed.values, parsed.positionals);
}

/** Whole paths, since the command goes to the data folder. */
function places(values) {
  const whole = (file) => (file === undefined ? undefined : path.resolve(file));
  return {
    data: whole(values.data),
    envFiles: (values['env-file'] ?? []).map(whole),
    config: whole(values.config),
    main: whole(values.main),
  };
}

function whole(option, given, least, most) {
  const number = Number(given);
  if (!/^\d+$/.test(given) || number < least || number > most) throw new Failure(`${option} must be ${least} to ${most}.`);
  return number;
}

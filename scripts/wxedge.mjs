// npm start, npm test, npm run test:full, build, describe, bench, pack, serve and deploy: installs what is missing, then runs the command.
//
// This file, packages.mjs and steps.mjs run on whatever Node the machine has (18 or later); the commands run on the Node 22
// that npm installs beside the other tools.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { installPackages, node22 } from './packages.mjs';
import { Failure, report } from './steps.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const commands = ['start', 'test', 'test:full', 'build', 'describe', 'bench', 'pack', 'serve', 'deploy'];

async function main() {
  const [command = '', ...rest] = process.argv.slice(2);
  if (!commands.includes(command)) throw new Failure(`Unknown command "${command}": use ${commands.join(', ')}.`);
  await installPackages(root);
  process.exitCode = await runOnNode22([path.join(root, 'scripts', 'command.mjs'), command, ...rest]);
}

/** Runs a script on the Node of node_modules; resolves to its exit code. A signal that ends us ends it too. */
function runOnNode22(args) {
  const binary = node22(root);
  return new Promise((resolve, reject) => {
    // Over the channel the child notices when this process is gone, however it ended.
    const child = spawn(binary, args, { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    // The terminal sends Ctrl-C to both; the child ends first, and then so do we.
    process.on('SIGINT', () => {});
    child.once('error', (error) => reject(new Failure(`Node 22 cannot be started: ${error.message}.`)));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

main().catch(report);

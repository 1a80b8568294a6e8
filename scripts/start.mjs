// npm start: the Worker on the real runtime, with the sandbox as its WeChat, or with --real WeChat itself.
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';

import { buildWorker } from './build.mjs';
import { serve, serveWithSandbox } from './local.mjs';
import { ownVariables, readOwnVariables } from './own-account.mjs';
import { Failure, step } from './steps.mjs';
import { installToolchain } from './toolchain.mjs';
import { welcomeToSandbox, welcomeToWechat } from './welcome.mjs';

const usage = `Usage: npm start -- [--port 8787] [--origin http://localhost:9000] [--no-build]
                    [--sandbox-port 8788] [--any-code USER]
       npm start -- --real [--vars ${ownVariables}] [--port 8787] [--origin …] [--no-build]`;

/** Serves until Ctrl-C. */
export async function start(args) {
  const options = parseOptions(args);
  const ownVars = options.real ? await readOwnVariables(options.varsFile) : undefined;
  await checkFree(options.port, '--port');
  if (!options.real) await checkFree(options.sandboxPort, '--sandbox-port');
  if (options.build) await buildWorker(await installToolchain());
  const { close, welcome } = await (ownVars ? startReal(options, ownVars) : startSandboxed(options)).catch((error) => {
    throw startFailure(error, options.port);
  });
  console.log(welcome);
  await interrupted();
  console.log('\nStopping.');
  await close();
}

function parseOptions(args) {
  const options = {
    port: { type: 'string', default: '8787' },
    // Of a page that may call, besides those at the usual ports of this machine.
    origin: { type: 'string', multiple: true, default: [] },
    // Serves what the last build made.
    'no-build': { type: 'boolean', default: false },
    'sandbox-port': { type: 'string' },
    // A user whom each login code stands for that the sandbox did not mint.
    'any-code': { type: 'string' },
    real: { type: 'boolean', default: false },
    // Not --env-file: Node takes that for itself, wherever it stands.
    vars: { type: 'string' },
  };
  let values;
  try {
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw new Failure(`${error.message} ${usage}`);
  }
  const { real } = values;
  for (const name of real ? ['sandbox-port', 'any-code'] : ['vars']) {
    if (values[name] !== undefined) throw new Failure(`--${name} goes ${real ? 'without' : 'with'} --real. ${usage}`);
  }
  const port = parsePort(values.port, '--port');
  const sandboxPort = values['sandbox-port'] ? parsePort(values['sandbox-port'], '--sandbox-port') : port + 1;
  if (sandboxPort === port) throw new Failure(`--sandbox-port must be another port than --port. ${usage}`);
  const shared = { port, origins: values.origin, build: !values['no-build'], real };
  return { ...shared, sandboxPort, anyCodeUser: values['any-code'], varsFile: values.vars ?? ownVariables };
}

function parsePort(text, option) {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65534) throw new Failure(`${option} must be 1 to 65534. ${usage}`);
  return port;
}

/** Says at once, before anything is built, that a port is taken. */
function checkFree(port, option) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(new Failure(isTaken ? takenPort(port, option) : `Port ${port} cannot be used (${error.code}).`));
    });
    server.listen(port, '127.0.0.1', () => server.close(resolve));
  });
}

async function startSandboxed(options) {
  const { worker, sandbox } = await step('Starting the sandbox and the Worker', () => serveWithSandbox(options));
  const close = async () => {
    await worker.close();
    await sandbox.close();
  };
  return {
    close,
    welcome: welcomeToSandbox({
      url: worker.url,
      sandbox: sandbox.url,
      pay: sandbox.pay.url,
      openid: sandbox.loginCode({ user: 'alice' }).openid,
    }),
  };
}

async function startReal({ port, origins }, vars) {
  const worker = await step('Starting the Worker', () => serve({ port, origins, vars }));
  return { close: () => worker.close(), welcome: welcomeToWechat(worker.url, vars) };
}

/** What the user can do about a Worker that does not start, where that is known. */
function startFailure(error, port) {
  if (error.code === 'ENOENT') return new Failure('Nothing is built yet: run npm start without --no-build.');
  if (/EADDRINUSE|Address already in use/i.test(error.message)) return new Failure(takenPort(port, '--port'));
  return error;
}

const takenPort = (port, option) => `Port ${port} is taken: choose another with npm start -- ${option} <port>.`;

function interrupted() {
  for (const signal of ['SIGTERM', 'SIGHUP', 'disconnect']) process.removeAllListeners(signal);
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
    process.once('disconnect', resolve);
  });
}

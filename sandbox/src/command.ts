import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type SandboxOptions, startSandbox } from './sandbox.ts';

const USAGE = 'usage: node main.js [--port 8788] [--pay-port 8789] [--host 127.0.0.1] [--any-code USER] [--https [--ca-file FILE]]';

type Options = SandboxOptions & { caFile: string | undefined };

/** Runs the sandbox until it is told to stop. */
async function main(): Promise<void> {
  const { caFile, ...rest } = options();
  const sandbox = await startSandbox(rest).catch((error: unknown) => {
    throw startFailure(error, rest);
  });
  console.log(`sandbox for api.weixin.qq.com: ${sandbox.url}`);
  if (rest.payPort !== undefined) console.log(`sandbox for api.mch.weixin.qq.com: ${sandbox.pay.url}`);
  if (sandbox.certificate !== undefined) console.log(`its CA file: ${await written(sandbox.certificate, caFile)}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void sandbox.close());
  }
}

function options(): Options {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8788' },
      'pay-port': { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      'any-code': { type: 'string' },
      https: { type: 'boolean', default: false },
      'ca-file': { type: 'string' },
    },
  });
  const { host, https, 'pay-port': payPort, 'any-code': anyCodeUser, 'ca-file': caFile } = values;
  if (caFile !== undefined && !https) throw new Error('--ca-file: only with --https');
  return {
    port: portOf('--port', values.port),
    host,
    https,
    caFile,
    ...(payPort === undefined ? {} : { payPort: portOf('--pay-port', payPort) }),
    ...(anyCodeUser === undefined ? {} : { anyCodeUser }),
  };
}

function portOf(option: string, text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new Error(`${option}: ${text} is no port; 0 to 65535, 0 picks a free one`);
  return Number(text);
}

/** Writes the certificate to that file, or to a new one. Returns its whole path. */
async function written(certificate: string, file: string | undefined): Promise<string> {
  const whole = path.resolve(file ?? path.join(await mkdtemp(path.join(tmpdir(), 'wxedge-sandbox-')), 'ca.pem'));
  await writeFile(whole, certificate);
  return whole;
}

/** What to do about a port that is taken. */
function startFailure(error: unknown, { payPort }: SandboxOptions): unknown {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code !== 'EADDRINUSE') return error;
  const option = port === payPort ? '--pay-port' : '--port';
  return new Error(`port ${port} is taken; choose another with ${option}, or ${option} 0 for a free one`);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code?.startsWith('ERR_PARSE_ARGS') ? `${error.message}\n${USAGE}` : error.message;
}

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
});

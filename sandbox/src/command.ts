import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type SandboxOptions, startSandbox } from './sandbox.ts';

const USAGE = 'usage: node main.js [--port 8788] [--host 127.0.0.1] [--any-code USER] [--https [--ca-file FILE]]';

type Options = SandboxOptions & { caFile: string | undefined };

/** Runs the sandbox until it is told to stop. */
async function main(): Promise<void> {
  const { caFile, ...rest } = options();
  const sandbox = await startSandbox(rest);
  console.log(`sandbox for api.weixin.qq.com: ${sandbox.url}`);
  if (sandbox.certificate !== undefined) console.log(`its CA file: ${await written(sandbox.certificate, caFile)}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void sandbox.close());
  }
}

function options(): Options {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8788' },
      host: { type: 'string', default: '127.0.0.1' },
      'any-code': { type: 'string' },
      https: { type: 'boolean', default: false },
      'ca-file': { type: 'string' },
    },
  });
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) {
    throw new Error(`--port: ${values.port} is no port; 0 to 65535, 0 picks a free one`);
  }
  const { host, https, 'any-code': anyCodeUser, 'ca-file': caFile } = values;
  if (caFile !== undefined && !https) throw new Error('--ca-file: only with --https');
  return { port: Number(values.port), host, https, caFile, ...(anyCodeUser === undefined ? {} : { anyCodeUser }) };
}

/** Writes the certificate to that file, or to a new one. Returns its whole path. */
async function written(certificate: string, file: string | undefined): Promise<string> {
  const whole = path.resolve(file ?? path.join(await mkdtemp(path.join(tmpdir(), 'wxedge-sandbox-')), 'ca.pem'));
  await writeFile(whole, certificate);
  return whole;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `port ${port} is taken; choose another with --port, or --port 0 for a free one`;
  if (code?.startsWith('ERR_PARSE_ARGS')) return `${error.message}\n${USAGE}`;
  return error.message;
}

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
});

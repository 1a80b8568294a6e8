import { parseArgs } from 'node:util';
import { startSandbox } from './sandbox.ts';

const USAGE = 'usage: node main.js [--port 8788] [--host 127.0.0.1] [--any-code USER]';

type Options = { port: number; host: string; anyCodeUser?: string };

/** Runs the sandbox until it is told to stop. */
async function main(): Promise<void> {
  const sandbox = await startSandbox(options());
  console.log(`sandbox for api.weixin.qq.com: ${sandbox.url}`);
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
    },
  });
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) {
    throw new Error(`--port: ${values.port} is no port; 0 to 65535, 0 picks a free one`);
  }
  const anyCodeUser = values['any-code'];
  return { port: Number(values.port), host: values.host, ...(anyCodeUser === undefined ? {} : { anyCodeUser }) };
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

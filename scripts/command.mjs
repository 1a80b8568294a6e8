// One command, on Node 22.
import { Failure, report } from './steps.mjs';

// Whoever started us is gone, or wants us gone: end everything that was started here. `start`, once it serves, ends itself.
const end = () => process.exit(1);
for (const event of ['SIGTERM', 'SIGHUP', 'disconnect']) process.once(event, end);

const [command = '', ...args] = process.argv.slice(2);
const commands = {
  start: async () => (await import('./start.mjs')).start(args),
  test: async () => (await import('./test.mjs')).test(args),
  'test:full': async () => (await import('./test.mjs')).testFull(args),
  build: async () => (await import('./build.mjs')).build(args),
  bench: async () => (await import('./bench.mjs')).bench(args),
  describe: async () => (await import('./documents.mjs')).writeDocuments(),
  pack: async () => (await import('./pack.mjs')).pack(),
  serve: async () => (await import('./serve.mjs')).serve(args),
  deploy: async () => (await import('./deploy.mjs')).deploy(args),
};

try {
  const run = commands[command];
  if (!run) throw new Failure(`Unknown command "${command}".`);
  await run();
} catch (error) {
  report(error);
} finally {
  process.removeListener('disconnect', end);
  process.disconnect?.();
}

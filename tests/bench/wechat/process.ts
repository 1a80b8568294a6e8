// The sandbox in a process of its own. It says where it listens, then does what it is told: the methods of its control.
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox.ts';

const sandbox = await startSandbox();
const methods = sandbox as unknown as Record<string, (...args: unknown[]) => unknown>;

process.on('message', ([method, calls]: [keyof Sandbox, unknown[][]]) => {
  process.send?.(calls.map((args) => methods[method]?.(...args)));
});
// Whoever started it has ended, or is done with it.
process.on('disconnect', () => process.exit());
process.send?.(sandbox.url);

// Says what is being done and for how long, runs tools, and ends them when we end.
import { spawn } from 'node:child_process';

/** Something that the user can mend: its message is all that is shown. */
export class Failure extends Error {}

/** Ends the process with an error, in one line when it is one for the user. */
export function report(error) {
  console.error(error instanceof Failure ? `\nwxedge: ${error.message}` : error);
  process.exitCode = 1;
}

/** Does one step, and says what and for how long. */
export async function step(title, work) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  console.log(`> ${title} ...`);
  try {
    const result = await work();
    console.log(`  ${title}: done in ${seconds()}`);
    return result;
  } catch (error) {
    console.error(`  ${title}: failed after ${seconds()}`);
    throw error;
  }
}

const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill();
});

/**
 * Runs a tool to its end.
 *
 * @param {{ cwd?: string, env?: Record<string, string>, quiet?: boolean | 'always', interactive?: boolean }} options
 *   `quiet` shows the tool's output only when it fails, or never; an interactive tool may ask the user something.
 */
export function run(command, args, { cwd, env, quiet = false, interactive = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: [interactive ? 'inherit' : 'ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    });
    running.add(child);
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => output.push(chunk));
    child.once('error', (error) => {
      running.delete(child);
      reject(error.code === 'ENOENT' ? new Failure(`${command} is not installed.`) : error);
    });
    child.once('close', (code) => {
      running.delete(child);
      const text = Buffer.concat(output).toString();
      if (code === 0) return resolve(text);
      if (quiet === true) console.error(text);
      reject(new Failure(`${command} ${args.join(' ')} failed (exit code ${code}).`));
    });
  });
}

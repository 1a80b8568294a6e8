// Runs the load generator, which is a program of its own: tests/bench/load.
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** One request as the load generator sends it. */
export type Request = { method: string; path: string; headers: Record<string, string>; body?: string };
export type Plan = { address: string; connections: number; requests: number; status: number; variants: Request[] };
export type Outcome = { seconds: number; bytes: number; latency_us: { p50: number; p99: number } };

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds it, and gives the way to run it. A run fails at the first answer with another status than the plan's. */
export function buildLoad(): (plan: Plan) => Outcome {
  const binary = cargoBuild();
  return (plan) => {
    const { status, stdout, stderr, error } = spawnSync(binary, { input: JSON.stringify(plan), encoding: 'utf8' });
    if (status !== 0) throw new Error(`${plan.variants[0]?.method} ${plan.variants[0]?.path}: ${error?.message ?? stderr}`);
    return JSON.parse(stdout) as Outcome;
  };
}

function cargoBuild(): string {
  const args = ['build', '--quiet', '--release', '--package', 'wxedge-load', '--message-format', 'json'];
  const messages = execFileSync('cargo', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const executables = messages
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { executable?: string }).executable);
  const binary = executables.find((file) => file !== undefined && file !== null && path.basename(file).startsWith('wxedge-load'));
  if (binary === undefined) throw new Error('cargo built no wxedge-load');
  return binary;
}

// Ends the runtime of this process without a word.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

export function killRuntime(): void {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  const pids = stdout
    .split('\n')
    .filter((line) => line.includes('workerd'))
    .map((line) => Number.parseInt(line, 10));
  assert.ok(pids.length > 0, `a workerd of this process: ${stdout}`);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

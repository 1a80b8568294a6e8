// What a process has used so far, as the operating system counts it.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export type Usage = {
  /** The most memory that it held: the peak where the system keeps it (Linux, Windows), else that of this moment. */
  bytes: number;
  /** Time on a core, in seconds. */
  cpu: number;
};

/** The clock ticks of Linux in a second: the same on every machine that Node runs on. */
const TICKS = 100;

export function usageOf(pid: number): Usage {
  if (process.platform === 'linux') return linux(pid);
  return process.platform === 'win32' ? windows(pid) : unix(pid);
}

function linux(pid: number): Usage {
  const kilobytes = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  // The name in brackets may hold spaces; the times are the twelfth and thirteenth field behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return { bytes: Number(kilobytes) * 1024, cpu: (Number(fields[11]) + Number(fields[12])) / TICKS };
}

function unix(pid: number): Usage {
  const [kilobytes = '', time = ''] = tool('ps', ['-o', 'rss=,time=', '-p', String(pid)])
    .trim()
    .split(/\s+/);
  const cpu = time.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0);
  return { bytes: Number(kilobytes) * 1024, cpu };
}

function windows(pid: number): Usage {
  const script = `$p = Get-Process -Id ${pid}; "$($p.PeakWorkingSet64) $($p.TotalProcessorTime.Ticks)"`;
  const [bytes, ticks] = tool('powershell', ['-NoProfile', '-Command', script]).trim().split(' ');
  return { bytes: Number(bytes), cpu: Number(ticks) / 10_000_000 };
}

function tool(command: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr}`);
  return stdout;
}

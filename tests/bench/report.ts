// The figures as a table for the terminal.
import type { Spread } from './figures.ts';
import type { ColdStart, Figures, JobFigures } from './results.ts';

const KILOBYTE = 1024;

export function report({ jobs, cold_start_ms: cold, memory_bytes: memory, upload_bytes: upload, set_up: setUp }: Figures): string {
  const speed = lines(
    ['', 'wxedge/s', 'spread', 'Hono/s', 'spread', 'ratio', 'CPU us', 'Hono', 'ratio', 'p99 ms', 'Hono', 'WeChat', 'Hono'],
    jobs.map(rowOf),
  );
  const rest = lines(
    ['', 'wxedge', 'Hono', 'ratio'],
    [
      ['cold start to first answer, ms', ...coldRow(cold.wxedge, cold.hono)],
      [
        `  above an empty Worker (${cold.empty.first_answer.median.toFixed(0)} ms)`,
        ...pairRow(
          cold.wxedge.first_answer.median - cold.empty.first_answer.median,
          cold.hono.first_answer.median - cold.empty.first_answer.median,
          1,
        ),
      ],
      ['memory after start, MB', ...pairRow(memory.idle.wxedge / KILOBYTE ** 2, memory.idle.hono / KILOBYTE ** 2, 0)],
      ['peak memory under load, MB', ...pairRow(memory.peak.wxedge / KILOBYTE ** 2, memory.peak.hono / KILOBYTE ** 2, 0)],
      ['uploaded, KB', ...pairRow(upload.wxedge.raw / KILOBYTE, upload.hono.raw / KILOBYTE, 0)],
      ['uploaded, gzip KB', ...pairRow(upload.wxedge.gzip / KILOBYTE, upload.hono.gzip / KILOBYTE, 0)],
    ],
  );
  const how =
    `Medians of ${setUp.rounds} rounds of ${setUp.seconds} s each, both sides in turn; ${setUp.connections} connections; ` +
    `WeChat answers after ${setUp.wechat_delay_ms} ms; WeChat: calls per 1,000 requests.`;
  return `${speed}\n${how}\n\n${rest}`;
}

function rowOf({ name, wxedge, hono, rate_ratio: rates, cpu_ratio: cpu }: JobFigures): string[] {
  return [
    name,
    whole(wxedge.per_second.median),
    spread(wxedge.per_second),
    whole(hono.per_second.median),
    spread(hono.per_second),
    rates.toFixed(2),
    whole(wxedge.cpu_us.median),
    whole(hono.cpu_us.median),
    cpu.toFixed(2),
    wxedge.p99_ms.toFixed(1),
    hono.p99_ms.toFixed(1),
    whole(wxedge.wechat_calls_per_1000),
    whole(hono.wechat_calls_per_1000),
  ];
}

function coldRow(wxedge: ColdStart, hono: ColdStart): string[] {
  return pairRow(wxedge.first_answer.median, hono.first_answer.median, 1);
}

function pairRow(wxedge: number, hono: number, digits: number): string[] {
  // What is left above an empty Worker can drown in the noise.
  const ratio = wxedge > 0 && hono > 0 ? (wxedge / hono).toFixed(2) : '-';
  return [wxedge.toFixed(digits), hono.toFixed(digits), ratio];
}

/** How far the rounds lie apart, in percent of their middle. */
function spread({ median, low, high }: Spread): string {
  return `${(((high - low) / median) * 100).toFixed(0)}%`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** The first column to the left, figures to the right. */
function lines(head: string[], rows: string[][]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}

// The speeds as a picture for the README, readable on light and on dark.
import type { Figures, JobFigures } from './results.ts';

const WIDTH = 760;
const ROW = 30;
const TOP = 56;
const LEFT = 150;
const RIGHT = 180;
/** Where the ratios end; the rates end at the border. */
const RATIO = WIDTH - 125;

/** One bar for each job: how fast wxedge is, with Hono at 1. */
export function chart({ jobs }: Figures): string {
  const most = Math.max(1.5, ...jobs.map(({ rate_ratio: ratio }) => ratio));
  const scale = (WIDTH - LEFT - RIGHT) / most;
  const height = TOP + jobs.length * ROW + 16;
  const one = LEFT + scale;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Requests per second of wxedge, with Hono at 1">
<style>
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.small { font-size: 11px; fill: #59636e }
.bar { fill: #07a352 }
.slower { fill: #9198a1 }
.one { stroke: #59636e; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .small { fill: #9198a1 }
  .bar { fill: #2ea365 }
  .slower { fill: #656c76 }
  .one { stroke: #9198a1 }
}
</style>
<text class="title" x="0" y="18">Requests per second, with Hono at 1</text>
<text class="small" x="${round(one)}" y="${TOP - 10}" text-anchor="middle">Hono</text>
<text class="small" x="${RATIO}" y="${TOP - 10}" text-anchor="end">ratio</text>
<text class="small" x="${WIDTH}" y="${TOP - 10}" text-anchor="end">wxedge / Hono</text>
${jobs.map((job, index) => row(job, TOP + index * ROW, scale)).join('\n')}
<line class="one" x1="${round(one)}" x2="${round(one)}" y1="${TOP - 4}" y2="${height - 12}"/>
</svg>
`;
}

function row({ name, rate_ratio: ratio, wxedge, hono }: JobFigures, y: number, scale: number): string {
  const width = ratio * scale;
  const rates = `${whole(wxedge.per_second.median)} / ${whole(hono.per_second.median)}`;
  return `<text x="${LEFT - 12}" y="${y + 19}" text-anchor="end">${name}</text>
<rect class="${ratio < 1 ? 'slower' : 'bar'}" x="${LEFT}" y="${y + 5}" width="${round(width)}" height="${ROW - 10}" rx="3"/>
<text x="${RATIO}" y="${y + 19}" text-anchor="end">${ratio.toFixed(2)}</text>
<text class="small" x="${WIDTH}" y="${y + 19}" text-anchor="end">${rates}</text>`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

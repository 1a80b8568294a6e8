// The client package: its size, and how many launches it reads per second beside plain JavaScript that gives the same
// answers with URLSearchParams, qs or query-string. `--quick` for a short run, `--json <file>` to keep the figures.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

import queryString from 'query-string';

type Read = (given: any) => unknown;
type Parse = (query: string) => object;
export type Size = { file: string; bytes: number; brotli: number };
export type Speed = { job: string; perSecond: Record<string, number> };

const DIST = fileURLToPath(new URL('../../pkg/dist/', import.meta.url));
const MINIPROGRAM = fileURLToPath(new URL('../../pkg/miniprogram_dist/', import.meta.url));
const qs = createRequire(import.meta.url)('qs');

/** Each with the libraries' defaults, as everyone uses them. */
const PARSERS: Record<string, Parse> = {
  URLSearchParams: (query) => Object.fromEntries(new URLSearchParams(query)),
  qs: (query) => qs.parse(query),
  'query-string': (query) => queryString.parse(query),
};

const CODE = 'id%3D7%26t%3Dspring';
const LINK = {
  q: 'https%3A%2F%2Fm.example.com%2Fs%2F%3Fid%3D10086%26from%3Dposter%26store%3D%25E5%258C%2597%25E4%25BA%25AC',
  scancode_time: '1638342000',
};
const LAUNCH = { path: 'pages/index/index', referrerInfo: {} };

/** What a phone hands over: the values percent-encoded. */
const JOBS: [job: string, name: 'parseScene' | 'parseQ' | 'parseLaunch', given: unknown][] = [
  ['parseScene', 'parseScene', CODE],
  ['parseQ', 'parseQ', LINK],
  ['parseLaunch, a scanned code', 'parseLaunch', { ...LAUNCH, scene: 1047, query: { scene: CODE } }],
  ['parseLaunch, a scanned link', 'parseLaunch', { ...LAUNCH, scene: 1011, query: LINK }],
  ['parseLaunch, a share card', 'parseLaunch', { ...LAUNCH, scene: 1007, query: { id: '10086', from: '%E5%8C%97%E4%BA%AC' } }],
];

/** The sizes of what a mini program loads, and of both together. */
export async function clientSizes(): Promise<Size[]> {
  const sizes = await Promise.all(
    ['wxedge.wasm', 'index.js'].map(async (file) => {
      const bytes = await readFile(path.join(MINIPROGRAM, file));
      return { file, bytes: bytes.length, brotli: brotliCompressSync(bytes).length };
    }),
  );
  const sum = (key: 'bytes' | 'brotli') => sizes.reduce((total, size) => total + size[key], 0);
  return [...sizes, { file: 'wasm and glue', bytes: sum('bytes'), brotli: sum('brotli') }];
}

/** Answers per second: all contestants take turns in every round, and the median of a contestant's rounds counts. */
export async function clientSpeeds({ quick = false } = {}): Promise<Speed[]> {
  const client = await import(pathToFileURL(path.join(DIST, 'node.js')).href);
  await client.ready();
  return JOBS.map(([job, name, given]) => {
    const contestants: [string, Read][] = [['wxedge', client[name]]];
    for (const [library, parse] of Object.entries(PARSERS)) contestants.push([library, plain(parse, client.sceneInfo)[name]]);
    for (const [library, read] of contestants) assert.deepEqual(clone(read(given)), clone(client[name](given)), `${job}: ${library}`);
    return { job, perSecond: race(contestants, given, quick ? 9 : 61) };
  });
}

function race(contestants: [string, Read][], given: unknown, rounds: number): Record<string, number> {
  const rates = contestants.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, [, read]] of contestants.entries()) rates[index]?.push(rate(read, given));
  }
  return Object.fromEntries(contestants.map(([name], index) => [name, Math.round(median(rates[index] ?? []))]));
}

const CALLS = 5000;

function rate(read: Read, given: unknown): number {
  const start = performance.now();
  for (let call = 0; call < CALLS; call += 1) read(given);
  return (CALLS * 1000) / (performance.now() - start);
}

function median(numbers: number[]): number {
  return numbers.sort((one, other) => one - other)[numbers.length >> 1] ?? 0;
}

/** The plain code: right for these launches, with none of the care for malformed ones. */
function plain(parse: Parse, sceneInfo: (value: number) => object) {
  const known = new Map<number, object>();
  const source = (value: number) => {
    if (!known.has(value)) known.set(value, sceneInfo(value));
    return { ...known.get(value) };
  };
  const parseScene = (text: string) => {
    const raw = decode(text);
    return { raw, params: raw.includes('=') ? parse(raw) : {}, stored: /^~[\w-]{1,31}$/.test(raw) };
  };
  const parseQ = ({ q, scancode_time }: { q: string; scancode_time?: string }) => {
    const url = decode(q);
    const before = url.split('#')[0] ?? '';
    const mark = before.indexOf('?');
    const params = mark < 0 ? {} : parse(before.slice(mark + 1));
    return { url, params, scancode_time: scancode_time ? Number(scancode_time) : null };
  };
  const parseLaunch = (options: any) => {
    const query: Record<string, string> = {};
    for (const key of Object.keys(options.query)) query[key] = decode(options.query[key]);
    return {
      scene: options.scene,
      source: source(options.scene),
      path: options.path.replace(/^\//, ''),
      query,
      code: query['scene'] ? parseScene(options.query.scene) : null,
      link: query['q'] ? parseQ(options.query) : null,
      referrer: options.referrerInfo?.appId ? options.referrerInfo : null,
    };
  };
  return { parseScene, parseQ, parseLaunch };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Some libraries give objects without a prototype. */
function clone(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const figures = { sizes: await clientSizes(), speeds: await clientSpeeds({ quick: process.argv.includes('--quick') }) };
  for (const { file, bytes, brotli } of figures.sizes) console.log(`${file}: ${bytes} bytes, ${brotli} as brotli`);
  for (const { job, perSecond } of figures.speeds) {
    console.log(
      `${job}: ${Object.entries(perSecond)
        .map(([name, each]) => `${name} ${each}/s`)
        .join(', ')}`,
    );
  }
  const json = process.argv[process.argv.indexOf('--json') + 1];
  if (process.argv.includes('--json') && json) await writeFile(json, `${JSON.stringify(figures, undefined, 2)}\n`);
}

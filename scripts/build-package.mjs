// Builds the npm package in pkg/ from crates/helper: wasm, loaders for each runtime, types.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PACKAGE = join(ROOT, 'pkg');
const DIST = join(PACKAGE, 'dist');
const WORK = join(ROOT, 'build', 'package');
const TARGET = 'wasm32v1-none';
const CRATE = 'wxedge_helper';

// One bundle per runtime. Each has its own way to the wasm, and the rest in common.
const ENTRIES = [
  { source: 'node.js', output: 'node.js', format: 'esm', platform: 'node' },
  { source: 'node-cjs.js', output: 'node.cjs', format: 'cjs', platform: 'node' },
  { source: 'web.js', output: 'web.js', format: 'esm', platform: 'browser' },
  { source: 'web.js', output: 'web.cjs', format: 'cjs', platform: 'browser' },
  { source: 'workerd.js', output: 'workerd.js', format: 'esm', platform: 'browser', external: ['./wxedge.wasm'] },
];

/**
 * Builds pkg/dist.
 *
 * @param {object} [options]
 * @param {string} [options.wasmBindgen] the wasm-bindgen command line, of the version that Cargo.lock names
 * @param {string} [options.wasmOpt] binaryen's wasm-opt
 * @param {string} [options.wasmMetadce] binaryen's wasm-metadce
 * @param {string} [options.esbuild] esbuild
 * @param {string} [options.cargo] cargo
 * @param {string} [options.profile] the Cargo profile
 * @param {(line: string) => void} [options.log] takes one line for each thing done
 * @returns {Promise<{ file: string, bytes: number, brotli: number }[]>} the files and their sizes
 */
export async function buildPackage(options = {}) {
  const tools = {
    cargo: options.cargo ?? 'cargo',
    wasmBindgen: options.wasmBindgen ?? findTool('wasm-bindgen'),
    wasmOpt: options.wasmOpt ?? findTool('wasm-opt'),
    wasmMetadce: options.wasmMetadce ?? findTool('wasm-metadce'),
    esbuild: options.esbuild ?? findTool('esbuild'),
  };
  const log = options.log ?? (() => {});
  await rm(DIST, { recursive: true, force: true });
  await rm(WORK, { recursive: true, force: true });
  await mkdir(DIST, { recursive: true });
  await mkdir(WORK, { recursive: true });

  const compiled = await compile(tools, options.profile ?? 'release');
  await bind(tools, compiled);
  await shrink(tools);
  for (const entry of ENTRIES) await bundle(tools, entry);
  await copyFile(join(PACKAGE, 'index.d.ts'), join(DIST, 'index.d.ts'));
  await copyFile(join(PACKAGE, 'index.d.ts'), join(DIST, 'index.d.cts'));

  const sizes = await measure(['wxedge.wasm', ...ENTRIES.map((entry) => entry.output)]);
  for (const { file, bytes, brotli } of sizes) log(`${file}: ${bytes} bytes, ${brotli} as brotli`);
  return sizes;
}

/** Compiles crates/helper and gives the path of the wasm. */
async function compile(tools, profile) {
  const output = await run(tools.cargo, [
    'build',
    '--locked',
    '--package',
    'wxedge-helper',
    '--target',
    TARGET,
    '--profile',
    profile,
    '--message-format',
    'json-render-diagnostics',
  ]);
  const artifacts = output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const helper = artifacts.findLast((message) => message.reason === 'compiler-artifact' && message.target.name === CRATE);
  const wasm = helper?.filenames.find((name) => name.endsWith('.wasm'));
  if (!wasm) throw new Error('cargo built no wasm of wxedge-helper');
  return wasm;
}

/** Writes the glue and the wasm that belongs to it. The loader that comes with them is not used. */
async function bind(tools, wasm) {
  await run(tools.wasmBindgen, [
    '--target',
    'bundler',
    '--no-typescript',
    '--out-dir',
    WORK,
    '--out-name',
    'wxedge',
    wasm,
  ]);
}

/**
 * Drops the exports that nobody uses, above all the globals, which iOS cannot export; then shrinks.
 *
 * Reading it back with only the MVP features and mutable globals is the proof that old engines take it.
 */
async function shrink(tools) {
  const features = ['--mvp-features', '--enable-mutable-globals'];
  const bound = join(WORK, 'wxedge_bg.wasm');
  const reduced = join(WORK, 'reduced.wasm');
  const graph = join(WORK, 'exports.json');
  const glue = await readFile(join(WORK, 'wxedge_bg.js'), 'utf8');
  await writeFile(graph, JSON.stringify(exportGraph(await readFile(bound), glue)));
  await run(tools.wasmMetadce, [...features, bound, '--graph-file', graph, '-o', reduced]);
  await run(tools.wasmOpt, [
    ...features,
    '-Oz',
    '--converge',
    '--strip-debug',
    '--strip-producers',
    '--strip-target-features',
    reduced,
    '-o',
    join(DIST, 'wxedge.wasm'),
  ]);
}

/** The roots that binaryen keeps: the exports that the glue names, and the memory. */
function exportGraph(bytes, glue) {
  const kept = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).filter(
    ({ name, kind }) => kind !== 'global' && glue.includes(`wasm.${name}`),
  );
  return kept.map(({ name }) => ({ name: `export-${name}`, export: name, root: true }));
}

async function bundle(tools, { source, output, format, platform, external = [] }) {
  await run(tools.esbuild, [
    join(PACKAGE, 'src', source),
    '--bundle',
    '--minify',
    '--target=es2017',
    '--charset=utf8',
    `--format=${format}`,
    // ES2017 is for the syntax; where a module can be loaded as one, it knows its own address.
    `--supported:import-meta=${format === 'esm'}`,
    `--platform=${platform}`,
    '--loader:.wasm=base64',
    `--inject:${join(PACKAGE, 'src', 'codec.js')}`,
    ...external.map((path) => `--external:${path}`),
    '--log-level=warning',
    `--outfile=${join(DIST, output)}`,
  ]);
}

async function measure(files) {
  return Promise.all(
    files.map(async (file) => {
      const path = join(DIST, file);
      return { file, bytes: (await stat(path)).size, brotli: brotliCompressSync(await readFile(path)).length };
    }),
  );
}

/** The tool of that name: the project's own, else the one on the PATH. */
function findTool(name) {
  const names = process.platform === 'win32' ? [`${name}.cmd`, `${name}.exe`] : [name];
  const folders = [join(ROOT, 'node_modules', '.bin'), ...(process.env.PATH ?? '').split(delimiter)];
  const found = folders.flatMap((folder) => names.map((file) => join(folder, file))).find((path) => existsSync(path));
  if (!found) throw new Error(`${name} is neither in node_modules nor on the PATH: run npm start once, it installs it`);
  return found;
}

/** Runs a command to its end and gives what it printed. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    // Windows starts a .cmd only through its shell.
    const shell = process.platform === 'win32' && command.endsWith('.cmd');
    const quoted = shell ? args.map((arg) => `"${arg}"`) : args;
    const child = spawn(shell ? `"${command}"` : command, quoted, { cwd: ROOT, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    let complaints = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    child.stderr.on('data', (chunk) => (complaints += chunk));
    child.on('error', (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    child.on('close', (code) =>
      code === 0 ? resolve(printed) : reject(new Error(`${command} ended with ${code}\n${complaints}`)),
    );
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await buildPackage({ log: (line) => console.log(line) });
}

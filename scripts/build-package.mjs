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
const MINIPROGRAM = join(PACKAGE, 'miniprogram_dist');
const WORK = join(ROOT, 'build', 'package');
const TARGET = 'wasm32v1-none';
const CRATE = 'wxedge_helper';

// One bundle per runtime. Each has its own way to the wasm, and the rest in common.
const ENTRIES = [
  { source: 'node.js', output: 'dist/node.js', format: 'esm', platform: 'node' },
  { source: 'node-cjs.js', output: 'dist/node.cjs', format: 'cjs', platform: 'node' },
  { source: 'web.js', output: 'dist/web.js', format: 'esm', platform: 'browser' },
  { source: 'web.js', output: 'dist/web.cjs', format: 'cjs', platform: 'browser' },
  { source: 'workerd.js', output: 'dist/workerd.js', format: 'esm', platform: 'browser', external: ['./wxedge.wasm'] },
  { source: 'weixin.js', output: 'dist/weixin.js', format: 'esm', platform: 'browser' },
  { source: 'miniprogram.js', output: 'miniprogram_dist/index.js', format: 'cjs', platform: 'browser' },
  { source: 'vite.js', output: 'dist/vite.js', format: 'esm', platform: 'node' },
  { source: 'vite-cjs.js', output: 'dist/vite.cjs', format: 'cjs', platform: 'node' },
];

// The same module as JavaScript, a file of its own beside the entries, which only load it where they need it.
const PURE = [
  { output: 'dist/pure.js', format: 'esm' },
  { output: 'miniprogram_dist/pure.js', format: 'cjs' },
];

/**
 * Builds pkg/dist, and pkg/miniprogram_dist, which the developer tools of WeChat copy into a mini program.
 *
 * @param {object} [options]
 * @param {string} [options.wasmBindgen] the wasm-bindgen command line, of the version that Cargo.lock names
 * @param {string} [options.wasmOpt] binaryen's wasm-opt
 * @param {string} [options.wasmMetadce] binaryen's wasm-metadce
 * @param {string} [options.wasm2js] binaryen's wasm2js
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
    wasm2js: options.wasm2js ?? findTool('wasm2js'),
    esbuild: options.esbuild ?? findTool('esbuild'),
  };
  const log = options.log ?? (() => {});
  for (const folder of [DIST, MINIPROGRAM, WORK]) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
  }

  const compiled = await compile(tools, options.profile ?? 'release');
  await bind(tools, compiled);
  await shrink(tools);
  await spell();
  await translate(tools);
  for (const entry of ENTRIES) await bundle(tools, entry);
  for (const entry of PURE) await bundlePure(tools, entry);
  await keepPureInOneFile();
  await copyTypes();
  for (const name of ['LICENSE-APACHE', 'LICENSE-MIT']) await copyFile(join(ROOT, name), join(DIST, name));
  await finishMiniprogram();

  const wasm = ['dist/wxedge.wasm', 'miniprogram_dist/wxedge.wasm'];
  const sizes = await measure([...wasm, ...[...ENTRIES, ...PURE].map((entry) => entry.output)]);
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
  const artifacts = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  const helper = artifacts.findLast((message) => message.reason === 'compiler-artifact' && message.target.name === CRATE);
  const wasm = helper?.filenames.find((name) => name.endsWith('.wasm'));
  if (!wasm) throw new Error('cargo built no wasm of wxedge-helper');
  return wasm;
}

/** Writes the glue and the wasm that belongs to it. The loader that comes with them is not used. */
async function bind(tools, wasm) {
  await run(tools.wasmBindgen, ['--target', 'bundler', '--no-typescript', '--out-dir', WORK, '--out-name', 'wxedge', wasm]);
  const glue = join(WORK, 'wxedge_bg.js');
  await writeFile(glue, followGrowth(await readFile(glue, 'utf8')));
}

/**
 * Makes the glue notice a memory that has grown by the change of its buffer: only that of a wasm is detached then, the
 * one of the pure build is not.
 */
function followGrowth(glue) {
  const stale = [
    [/(cached\w+Memory0)\.byteLength === 0/g, '$1.buffer !== wasm.memory.buffer'],
    [/(cached\w+Memory0)\.buffer\.detached === true \|\| \(\1\.buffer\.detached === undefined && ([^()]*)\)/g, '$2'],
  ];
  const followed = stale.reduce((text, [condition, changed]) => text.replace(condition, changed), glue);
  const views = followed.match(/ = new \w+\(wasm\.memory\.buffer\)/g) ?? [];
  const checks = followed.match(/cached\w+Memory0\.buffer !== wasm\.memory\.buffer/g) ?? [];
  if (views.length === 0 || views.length !== checks.length) {
    throw new Error('the glue of wasm-bindgen looks at its memory in a way that is not known here');
  }
  return followed;
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

/** Writes the wasm as a text, one character for each byte: brotli makes a quarter less of it than of base64. */
async function spell() {
  const wasm = await readFile(join(DIST, 'wxedge.wasm'));
  await writeFile(join(WORK, 'wasm-text.js'), `export default ${JSON.stringify(wasm.toString('latin1'))};\n`);
}

/**
 * Writes the module as JavaScript. What wasm2js appends starts an instance at once; ours is started when asked for. Its
 * data stands in base64, and is put as one character for each byte here too.
 */
async function translate(tools) {
  const script = join(WORK, 'wasm2js.js');
  await run(tools.wasm2js, ['--mvp-features', '--enable-mutable-globals', '-Oz', join(DIST, 'wxedge.wasm'), '-o', script]);
  const [module, start] = (await readFile(script, 'utf8')).split('\nvar retasmFunc = ');
  const decoder = /var base64ReverseLookup[^]*(?=function initActiveSegments)/;
  const segment = /base64DecodeToExistingUint8Array\(bufferView, (\d+), "([^"]*)"\)/g;
  if (start === undefined || !decoder.test(module) || !segment.test(module)) {
    throw new Error('the output of wasm2js is not as it is known here');
  }
  const pure = module
    .replace(decoder, WRITE_BYTES)
    .replace(segment, (_all, at, base64) => `writeBytes(${at}, ${JSON.stringify(Buffer.from(base64, 'base64').toString('latin1'))})`);
  await writeFile(join(WORK, 'pure.js'), `${pure}\nexport const instantiate = () => asmFunc({});\n`);
}

const WRITE_BYTES = `function writeBytes(at, text) {
  for (let index = 0; index < text.length; index += 1) bufferView[at + index] = text.charCodeAt(index);
}
`;

async function bundlePure(tools, { output, format }) {
  await run(tools.esbuild, [
    join(WORK, 'pure.js'),
    '--minify',
    '--target=es2017',
    '--charset=utf8',
    `--format=${format}`,
    '--log-level=warning',
    `--outfile=${join(PACKAGE, output)}`,
  ]);
}

/** Mini programs load no chunks, so webpack is told to keep what `import()` names in the same file. */
async function keepPureInOneFile() {
  const entry = join(DIST, 'weixin.js');
  const script = await readFile(entry, 'utf8');
  const told = script.replace('import("./pure.js")', 'import(/* webpackMode: "eager" */ "./pure.js")');
  if (told === script) throw new Error('dist/weixin.js does not import the pure build as it is known here');
  await writeFile(entry, told);
}

async function copyTypes() {
  for (const name of ['index', 'api', 'vite']) {
    for (const extension of ['ts', 'cts']) {
      const types = await readFile(join(PACKAGE, `${name}.d.ts`), 'utf8');
      // CommonJS takes its types from files of its own kind.
      const ofKind = extension === 'cts' ? types.replaceAll("'./api.js'", "'./api.cjs'") : types;
      await writeFile(join(DIST, `${name}.d.${extension}`), ofKind);
    }
  }
}

async function finishMiniprogram() {
  await copyFile(join(DIST, 'wxedge.wasm'), join(MINIPROGRAM, 'wxedge.wasm'));
  // What is above this folder says "type": "module".
  await writeFile(join(MINIPROGRAM, 'package.json'), '{"type":"commonjs"}\n');
}

async function bundle(tools, { source, output, format, platform, external = [] }) {
  await run(tools.esbuild, [
    join(PACKAGE, 'src', source),
    '--bundle',
    // Nobody downloads a page or a code package that holds it, and an uncaught error shows its lines.
    ...(platform === 'node' ? [] : ['--minify']),
    '--target=es2017',
    '--charset=utf8',
    `--format=${format}`,
    // ES2017 is for the syntax; where a module can be loaded as one, it knows its own address.
    `--supported:import-meta=${format === 'esm'}`,
    '--supported:dynamic-import=true',
    `--platform=${platform}`,
    `--inject:${join(PACKAGE, 'src', 'codec.js')}`,
    ...['./pure.js', ...external].map((path) => `--external:${path}`),
    '--log-level=warning',
    `--outfile=${join(PACKAGE, output)}`,
  ]);
}

async function measure(files) {
  return Promise.all(
    files.map(async (file) => {
      const path = join(PACKAGE, file);
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
    child.on('close', (code) => (code === 0 ? resolve(printed) : reject(new Error(`${command} ended with ${code}\n${complaints}`))));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await buildPackage({ log: (line) => console.log(line) });
}

// Builds the Worker where `main` of wrangler.toml points, and the package inside pkg/.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build as esbuild } from 'esbuild';

import { buildPackage } from './build-package.mjs';
import { buildCreatePackage } from './create-package.mjs';
import { writeErrors } from './documents.mjs';
import { buildSandboxPackage } from './sandbox-package.mjs';
import { Failure, run, step } from './steps.mjs';
import { installToolchain } from './toolchain.mjs';
import { buildWorkerPackage } from './worker-package.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Builds the Worker, the client package, and what else the packages hold, or the one that is named, as `npm pack` does. */
export async function build([what] = []) {
  const parts = ['worker', 'package', 'sandbox', 'create'];
  if (what !== undefined && !parts.includes(what))
    throw new Failure(`build takes nothing or one of ${parts.join(', ')}, and got "${what}".`);
  const isWanted = (part) => what === undefined || what === part;
  if (isWanted('worker') || isWanted('package')) {
    const toolchain = await installToolchain();
    if (isWanted('worker')) await buildWorker(toolchain);
    const tools = { ...packageTools(), wasmBindgen: toolchain.wasmBindgen };
    if (isWanted('package')) await step('Building the client package', () => buildPackage(tools));
  }
  if (isWanted('sandbox')) await step('Compiling the sandbox', buildSandboxPackage);
  if (isWanted('create')) await step('Putting the examples into the templates', buildCreatePackage);
}

/** Our Worker, in this checkout or a copy of it: where `main` of wrangler.toml points, and what is put there. */
export const ourWorker = (checkout = root) => ({
  crate: 'wxedge-worker',
  entry: path.join(checkout, 'worker', 'entry.js'),
  out: path.join(checkout, 'worker', 'build'),
  checkout,
});
const ours = ourWorker();

/** Builds our Worker, and what it serves as files. */
export async function buildWorker(toolchain) {
  await step('Building the Worker (the first time takes a few minutes)', async () => {
    if (await buildWorkerOf(ours, toolchain)) await tellSizes(ours.out);
  });
  await step('Writing what each error means', writeErrors);
  await step('Putting together the package of the Worker', buildWorkerPackage);
}

/**
 * Builds the Worker of a crate: its wasm, the glue of wasm-bindgen, and the entry, which one file takes in with the glue and
 * the scripts of crates/edge.
 *
 * @param {{ crate: string, entry: string, out: string, profile?: string, checkout?: string }} worker `out` gets `index.js` and
 *   `index_bg.wasm`; `profile` is one of Cargo.toml; `checkout` is where the crate is, when that is a copy of this one.
 * @returns {Promise<boolean>} whether anything had changed
 */
export async function buildWorkerOf({ crate, entry, out, profile = 'release', checkout = root }, { wasmBindgen }) {
  const scripts = await withEdge(entry, checkout);
  const compiled = await compile(crate, profile, checkout);
  const origin = await originOf(compiled, scripts);
  // What the Worker at its place was made from; it goes with the folder.
  const originFile = path.join(out, 'origin');
  if ((await readFile(originFile, 'utf8').catch(() => '')) === origin) return false;
  const staging = path.join(checkout, 'build', crate === ours.crate ? 'worker' : crate);
  await rm(staging, { recursive: true, force: true });
  const glue = ['--target', 'module', '--no-typescript', '--experimental-reset-state-function'];
  await run(wasmBindgen, [compiled, ...glue, '--out-name', 'index', '--out-dir', staging], { quiet: true });
  await shrink(path.join(staging, 'index_bg.wasm'));
  await bundle(staging, scripts);
  await place(staging, out);
  await writeFile(originFile, origin);
  return true;
}

/** What is put beside the glue, the entry first. */
async function withEdge(entry, checkout) {
  const directory = path.join(checkout, 'crates', 'edge', 'js');
  return [entry, ...(await readdir(directory)).map((name) => path.join(directory, name))];
}

/** Changes with everything that the finished Worker depends on. */
async function originOf(compiled, scripts) {
  const sources = [...scripts, ...['scripts/build.mjs', 'package-lock.json', 'Cargo.lock'].map((name) => path.join(root, name))];
  const hash = createHash('sha256').update(await readFile(compiled));
  for (const source of sources) hash.update(await readFile(source));
  return hash.digest('hex');
}

/**
 * Lets a panic trap at once: in a Worker nobody hears its message, which is 15 KB of gzip with what leads there. Stable Rust
 * has it behind RUSTC_BOOTSTRAP, and for the standard library too only where that is built with it.
 */
const PANICS_TRAP = ['-Zunstable-options', '-Cpanic=immediate-abort'];

/** Compiles a crate and gives the path of the wasm. */
async function compile(crate, profile, checkout) {
  const args = ['rustc', '--locked', '--profile', profile, '--lib', '--crate-type', 'cdylib'];
  args.push('--package', crate, '--target', 'wasm32-unknown-unknown');
  const isRelease = profile === 'release';
  if (isRelease) args.push('-Zbuild-std=std,panic_abort');
  // One folder for all, so that a copy finds compiled what it has in common with this checkout.
  if (checkout !== root) args.push('--target-dir', path.join(root, 'target'));
  const flags = [...withoutOurPaths(), ...(isRelease ? PANICS_TRAP : [])];
  args.push('--config', `target.wasm32-unknown-unknown.rustflags = ${JSON.stringify(flags)}`, '--message-format', 'json');
  const env = isRelease ? { RUSTC_BOOTSTRAP: '1' } : {};
  const lines = (await run('cargo', args, { cwd: checkout, quiet: true, env })).split('\n');
  const messages = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const name = crate.replaceAll('-', '_');
  const built = messages.findLast(({ reason, target }) => reason === 'compiler-artifact' && target.name === name);
  return built.filenames.find((name) => name.endsWith('.wasm'));
}

/** What keeps the paths of this machine out of the wasm, where panics say their place. JSON of texts is TOML of texts. */
function withoutOurPaths() {
  const registry = path.join(process.env.CARGO_HOME ?? path.join(os.homedir(), '.cargo'), 'registry', 'src');
  return [`--remap-path-prefix=${registry}=crates`, `--remap-path-prefix=${root}=wxedge`];
}

async function shrink(wasm) {
  // By their names functions stand beside those that they are like, which is 1 KB of gzip.
  const passes = ['-Oz', '--reorder-functions-by-name'];
  passes.push('--strip-debug', '--strip-producers', '--strip-target-features');
  await run(process.execPath, [wasmOptScript, ...passes, wasm, '-o', wasm], { quiet: true });
}

/** Puts the entry, the other scripts and the glue into one file. */
async function bundle(staging, scripts) {
  for (const file of scripts) await copyFile(file, path.join(staging, path.basename(file)));
  const glue = path.join(staging, 'index.js');
  // The runtime takes a plain import of a .wasm file for the module; esbuild leaves it alone.
  await writeFile(glue, withEachModuleOnce((await readFile(glue, 'utf8')).replace('import source ', 'import ')));
  await esbuild({
    entryPoints: [path.join(staging, path.basename(scripts[0]))],
    outfile: path.join(staging, 'bundle.js'),
    external: ['./index_bg.wasm', 'cloudflare:*'],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    logLevel: 'warning',
  });
}

/**
 * wasm-bindgen names a module once for each block of imports. One name is enough, and bundlers warn of more, wrangler's at
 * each deployment.
 */
function withEachModuleOnce(glue) {
  const named = new Set();
  return glue.replace(/^ *("\.\/[\w.]+"): import\d+,\n/gm, (line, name) => {
    if (named.has(name)) return '';
    named.add(name);
    return line;
  });
}

/** Moves what was built to its place. */
async function place(staging, out) {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await copyFile(path.join(staging, 'bundle.js'), path.join(out, 'index.js'));
  await copyFile(path.join(staging, 'index_bg.wasm'), path.join(out, 'index_bg.wasm'));
}

async function tellSizes(out) {
  for (const name of ['index.js', 'index_bg.wasm']) {
    const contents = await readFile(path.join(out, name));
    const gzip = gzipSync(contents, { level: 9 }).length;
    console.log(`  ${name}: ${Math.round(contents.length / 1024)} KB, ${Math.round(gzip / 1024)} KB gzip`);
  }
}

const bin = (name) => path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const wasmOptScript = path.join(root, 'node_modules', 'binaryen', 'bin', 'wasm-opt');

function packageTools() {
  return { wasmOpt: bin('wasm-opt'), esbuild: bin('esbuild'), cargo: 'cargo' };
}

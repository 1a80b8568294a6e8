// The Rust tools: the wasm targets, the sources of the standard library, and the command lines that cargo builds once into a cache outside the checkout.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { Failure, run, step } from './steps.mjs';

const OLDEST_RUST = [1, 95];
const targets = ['wasm32-unknown-unknown', 'wasm32v1-none'];
// wasm-bindgen speaks one version of its interface with the crate of that name in Cargo.toml.
const tools = {
  wasmBindgen: { crate: 'wasm-bindgen-cli', version: '0.2.130', binary: 'wasm-bindgen' },
};

/**
 * Installs what is missing.
 *
 * @returns {Promise<{ wasmBindgen: string }>} the paths of the tools
 */
export async function installToolchain() {
  await checkRust();
  await addTargets();
  const paths = {};
  for (const [name, tool] of Object.entries(tools)) paths[name] = await installTool(tool);
  return paths;
}

async function checkRust() {
  const advice = 'Install Rust with rustup (https://rustup.rs), open a new terminal, and run this command again.';
  const version = await run('rustc', ['--version'], { quiet: true }).catch(() => {
    throw new Failure(`Rust is not installed. ${advice}`);
  });
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_RUST;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new Failure(`Rust ${major}.${minor} is too old: run "rustup update" for ${oldestMajor}.${oldestMinor} or later.`);
  }
}

async function addTargets() {
  const rustlib = path.join((await run('rustc', ['--print', 'sysroot'], { quiet: true })).trim(), 'lib', 'rustlib');
  const missing = targets.filter((target) => !existsSync(path.join(rustlib, target, 'lib')));
  if (missing.length > 0) await add(`the Rust targets ${missing.join(' and ')}`, ['target', 'add', ...missing]);
  // The Worker is built with a standard library of its own: see build.mjs.
  const sources = path.join(rustlib, 'src', 'rust', 'library');
  if (!existsSync(sources)) await add('the sources of the standard library (rust-src)', ['component', 'add', 'rust-src']);
}

async function add(what, args) {
  await step(`Adding ${what}`, () =>
    run('rustup', args, { quiet: true }).catch(() => {
      throw new Failure(
        `This cannot be added: ${what}. Install Rust with rustup (https://rustup.rs), or add it to your Rust, and run this command again.`,
      );
    }),
  );
}

/**
 * Builds a tool into the cache, unless it is there; a debug build is fast enough to use and far quicker to make.
 *
 * @param {{ crate: string, version: string, binary: string }} tool
 * @returns {Promise<string>} the path of the binary
 */
export async function installTool({ crate, version, binary }) {
  const home = path.join(cacheDirectory(), `${crate}-${version}`);
  const file = path.join(home, 'bin', process.platform === 'win32' ? `${binary}.exe` : binary);
  if (existsSync(file)) return file;
  await step(`Building ${crate} ${version} (once)`, async () => {
    // Built beside its place and moved there whole, so that a build that was cut short is not taken for a tool.
    const unfinished = `${home}.${process.pid}`;
    await mkdir(unfinished, { recursive: true });
    const args = ['install', '--debug', '--root', unfinished, crate, '--version', version];
    try {
      // A mirror may lack a version of the tool's own lockfile; then cargo picks the ones that it has.
      await run('cargo', [...args, '--locked'], { quiet: 'always' }).catch(() => run('cargo', args, { quiet: true }));
      await rm(home, { recursive: true, force: true });
      await rename(unfinished, home);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  });
  return file;
}

/** Where built tools lie: WXEDGE_CACHE, else the platform's place for caches. */
export function cacheDirectory() {
  if (process.env.WXEDGE_CACHE) return path.resolve(process.env.WXEDGE_CACHE);
  if (process.platform === 'win32') {
    return path.join(process.env.LOCALAPPDATA ?? path.join(os.homedir(), 'AppData', 'Local'), 'wxedge');
  }
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'wxedge');
  return path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'wxedge');
}

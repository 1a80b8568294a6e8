// npm test: everything, in the order in which a fault is told soonest. Arguments are files of tests to run alone.
import path from 'node:path';

import { buildEdgeWorkers } from '../tests/edge/build.mjs';
import { build } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { installPackageTools, installSdks } from './package-tools.mjs';
import { installPythonPackages } from './python-packages.mjs';
import { run, step } from './steps.mjs';
import { installToolchain } from './toolchain.mjs';
import { root } from './worker.mjs';

const tests = ['tests/**/*.test.ts'];
const withoutStd = ['wxedge-helper', 'wxedge-launch', 'wxedge-contract', 'wxedge-crypto', 'wxedge-landing', 'wxedge-outbox', 'wxedge-token', 'wxedge-wechat'];
// Tests wait more than they work, so four files share two cores. A test that hangs fails, and a file whose Worker did not come up ends all the same.
const limits = ['--test-concurrency=4', '--test-timeout=120000', '--test-force-exit'];

export async function test(args) {
  const toolchain = await step('Checking the toolchain', installToolchain);
  await step('Checking the form of the Rust code', () => cargo('fmt', '--all', '--check'));
  await step('Linting the crates', () => lint('--workspace', '--all-targets'));
  await step('Linting the Worker', () =>
    lint('--package', 'wxedge-worker', '--package', 'wxedge-edge', '--target', 'wasm32-unknown-unknown'));
  await step('Linting the client package, and what needs no standard library', () =>
    lint(...withoutStd.flatMap((name) => ['--package', name]), '--target', 'wasm32v1-none'));
  await step('Testing the crates', () => cargo('test', '--workspace', '--quiet'));
  await build();
  await step('Building the Workers that crates/edge is tested with', () => buildEdgeWorkers(toolchain));
  await step('Checking the types', () => node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'));
  await step('Looking for a browser', findChromium);
  await step('Looking for the tools of the package', () => installPackageTools());
  await step('Looking for Taro', () => installPackageTools('taro-tools'));
  await step('Looking for the SDKs of others', installSdks);
  await step('Looking for the packages of Python', installPythonPackages);
  // Each file is a process of its own, and most of them load Miniflare.
  const env = { NODE_COMPILE_CACHE: path.join(root, 'build', 'node-compile-cache') };
  await step('Testing the whole', () =>
    run(process.execPath, ['--test', ...limits, ...(args.length > 0 ? args : tests)], { cwd: root, env }));
}

const cargo = (...args) => run('cargo', args, { cwd: root });
const lint = (...args) => cargo('clippy', '--quiet', ...args, '--', '--deny', 'warnings');
const node = (...args) => run(process.execPath, args, { cwd: root });

// npm test: everything that is quick, in the order in which a fault is told soonest. npm run test:full: the long runs, and
// nothing that npm test has run. Arguments are files of tests to run alone.
import path from 'node:path';

import { buildEdgeWorkers } from '../tests/edge/build.mjs';
import { build } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { checkDependencies } from './dependencies.mjs';
import { describeRoutes } from './describe.mjs';
import { checkDocuments } from './documents.mjs';
import { installClientTools, installPackageTools, installRegistryTools, installSdks } from './package-tools.mjs';
import { installPythonPackages } from './python-packages.mjs';
import { run, step } from './steps.mjs';
import { installToolchain } from './toolchain.mjs';
import { root } from './worker.mjs';

const quick = ['tests/**/*.test.ts'];
const long = ['tests/**/*.full.ts'];
const withoutStd = [
  'wxedge-helper',
  'wxedge-launch',
  'wxedge-contract',
  'wxedge-crypto',
  'wxedge-landing',
  'wxedge-operations',
  'wxedge-outbox',
  'wxedge-token',
  'wxedge-wechat',
];
// A test that hangs fails, and a file whose Worker did not come up ends all the same.
const limits = ['--test-timeout=300000', '--test-force-exit'];
// Tests wait more than they work, so four files share two cores. Crowds work, and a build takes both cores: one after the other.
const atOnce = (files) => `--test-concurrency=${files}`;
const longLimits = [atOnce(1), '--test-timeout=1200000', '--test-force-exit'];
/** What is simulated at length: many times as many schedules as `cargo test` runs, and none of those. */
const simulations = [
  { what: 'token control', crate: 'wxedge-token', first: '20000', schedules: '200000' },
  { what: 'orders', crate: 'wxedge-pay', first: '500', schedules: '20000' },
];

export async function test(args) {
  const toolchain = await step('Checking the toolchain', installToolchain);
  await step('Checking the form of the Rust code', () => cargo('fmt', '--all', '--check'));
  await step('Checking the form of the scripts, the client package, the sandbox and the tests, and linting them', () =>
    node('node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings'),
  );
  await step('Linting the crates', () => lint('--workspace', '--all-targets'));
  await step('Linting the Worker', () =>
    lint('--package', 'wxedge-worker', '--package', 'wxedge-edge', '--target', 'wasm32-unknown-unknown'),
  );
  await step('Linting the client package, and what needs no standard library', () =>
    lint(...withoutStd.flatMap((name) => ['--package', name]), '--target', 'wasm32v1-none'),
  );
  await step('Testing the crates', () => cargo('test', '--workspace', '--quiet'));
  await step('Comparing what is made from the tables with what is committed', checkDocuments);
  await build();
  await step('Building the Workers that crates/edge is tested with', () => buildEdgeWorkers(toolchain));
  await step('Writing the table of routes for the tests', () => describeRoutes());
  await step('Checking the types', () => node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'));
  await step('Looking for a browser', findChromium);
  await step('Looking for the tools of the package', () => installPackageTools());
  await step('Looking for Taro', () => installPackageTools('taro-tools'));
  await step('Looking for the SDKs of others', installSdks);
  await step('Looking for what makes a client of the API', installClientTools);
  await step('Looking for a registry for the packages', installRegistryTools);
  await step('Looking for the packages of Python', installPythonPackages);
  await step('Testing the whole', () => tests([atOnce(4), ...limits], args.length > 0 ? args : quick));
}

export async function testFull(args) {
  await step('Checking the toolchain', installToolchain);
  if (args.length === 0) await checkDependencies();
  await build();
  await step('Writing the table of routes for the tests', () => describeRoutes());
  if (args.length === 0) {
    for (const simulation of simulations) await step(`Simulating ${simulation.what}`, () => simulate(simulation));
  }
  await step('Testing at length', () => tests(longLimits, args.length > 0 ? args : long));
}

function simulate({ crate, first, schedules }) {
  const env = { WXEDGE_FIRST_SEED: first, WXEDGE_SCHEDULES: schedules };
  return run('cargo', ['test', '--package', crate, '--test', 'simulation', 'every_promise'], { cwd: root, env });
}

/** Each file is a process of its own, and most of them load Miniflare. */
function tests(options, files) {
  const env = { NODE_COMPILE_CACHE: path.join(root, 'build', 'node-compile-cache') };
  return run(process.execPath, ['--test', ...options, ...files], { cwd: root, env });
}

const cargo = (...args) => run('cargo', args, { cwd: root });
const lint = (...args) => cargo('clippy', '--quiet', ...args, '--', '--deny', 'warnings');
const node = (...args) => run(process.execPath, args, { cwd: root });

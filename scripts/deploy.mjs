// npm run deploy: builds and puts the Worker online. What follows -- goes to wrangler.
import { run } from './steps.mjs';
import { wranglerScript } from './worker.mjs';

export async function deploy(args) {
  // wrangler calls `npm run build` itself, by [build] of wrangler.toml.
  await run(process.execPath, [wranglerScript, 'deploy', ...args], { interactive: true });
}

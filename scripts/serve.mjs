// npm run serve: the Worker as on a server of one's own, fresh from this checkout. What follows -- goes to wxedge-worker.
import { buildWorker } from './build.mjs';
import { installToolchain } from './toolchain.mjs';

/** Serves until it is told to end. */
export async function serve(args) {
  await buildWorker(await installToolchain());
  const { main } = await import('../packages/worker/src/command.js');
  // From here on a signal is for the server.
  for (const event of ['SIGTERM', 'SIGHUP', 'disconnect']) process.removeAllListeners(event);
  await main(['serve', ...args]);
}

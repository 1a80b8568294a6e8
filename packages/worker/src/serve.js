// serve: the Worker on this machine, until it is told to end.
import { Cron } from 'croner';

import { trustedCertificates } from './certificates.js';
import { checkFormat, freeSpace, LITTLE_SPACE, placesIn, prepareFolder } from './data-folder.js';
import { ownDescription, readDescription } from './description.js';
import { deleteEndedObjects } from './ended-objects.js';
import { Failure } from './failure.js';
import { takeLock } from './lock.js';
import { log, passOn } from './log.js';
import { namedAddresses } from './network.js';
import { readProxies } from './proxies.js';
import { readSettings } from './settings.js';
import { endOrphan, newKey, record, startWorkerd, writeConfig } from './workerd.js';

/** How often the free space is looked at, in milliseconds. */
const LOOK_AT_DISK = 60_000;

/** Serves. Resolves to the exit code. */
export async function serve({ data, envFiles, config = ownDescription, main, host, port, trustProxy, memory, grace }) {
  // (1) What can be wrong without touching anything.
  const description = await readDescription(config);
  const settings = await readSettings({ envFiles, vars: description.vars });
  const proxies = readProxies(trustProxy);
  const certificates = await trustedCertificates();
  const addresses = await namedAddresses(settings);

  // (2) The data, ours alone.
  await prepareFolder(data);
  const release = await takeLock(data, { command: 'wxedge-worker serve' });
  await endOrphan(data, (pid) => log('warn', 'ended a workerd that was left behind', { pid }));
  await checkFormat(data);
  const { objects, run } = placesIn(data);
  const ended = await deleteEndedObjects(objects);
  if (ended > 0) log('info', 'deleted the files of objects that have ended', { count: ended });

  // (3) The runtime.
  const key = newKey();
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const parts = { description, settings, address, objects, certificates, addresses, proxies, memory, key };
  await writeConfig(run, main ?? description.main, parts);
  const signal = untilSignal();
  const workerd = await startWorkerd({ folder: run, settings, key, onLine: passOn });
  await record(data, workerd, key);
  try {
    await checkHealth(workerd);
  } catch (error) {
    await workerd.end(0);
    throw error;
  }

  // (4) What goes on beside it, until the end.
  const stop = [...startCrons(description.crons, workerd), watchDisk(data)];
  log('info', 'ready', { url: `http://${host.includes(':') ? `[${host}]` : host}:${workerd.port}` });
  const how = await Promise.race([signal, workerd.ended]);
  for (const end of stop) end();
  const code = typeof how === 'string' ? await end(workerd, how, grace) : died(how);
  await release();
  return code;
}

/** Fails where a setting is wrong, with each that is. A Worker of one's own may have no such route. */
async function checkHealth(workerd) {
  const answer = await workerd.call('/health');
  if (answer.status !== 503) return void (await answer.arrayBuffer());
  const { settings: _, ...wrong } = (await answer.json()).checks;
  const lines = Object.values(wrong).map((line) => `\n  ${line}`);
  throw new Failure(`the Worker refuses its settings:${lines.join('')}\nSet them in the environment, or in a file named by --env-file.`);
}

function startCrons(crons, workerd) {
  const fire = async (cron) => {
    const answer = await workerd.call(`/scheduled?cron=${encodeURIComponent(cron)}`).catch((error) => ({ status: error.message }));
    if (answer.status !== 204 && !workerd.isEnding) log('error', 'the cron failed', { cron, status: answer.status });
  };
  const jobs = crons.map((cron) => new Cron(cron, { timezone: 'UTC', protect: true }, () => fire(cron)));
  return jobs.map((job) => () => job.stop());
}

function watchDisk(folder) {
  const look = async () => {
    const bytes = await freeSpace(folder);
    if (bytes < LITTLE_SPACE) log('warn', 'the disk of the data folder is almost full', { free_bytes: bytes });
  };
  look();
  const timer = setInterval(look, LOOK_AT_DISK);
  return () => clearInterval(timer);
}

/** Resolves to the first signal to end. */
function untilSignal() {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.once(name, resolve);
  });
}

/** Takes no new connections, lets requests end, and ends; a second signal ends at once. */
async function end(workerd, signal, grace) {
  log('info', 'ending', { signal });
  for (const name of ['SIGTERM', 'SIGINT']) process.once(name, () => workerd.kill());
  const wasEnough = await workerd.end(grace * 1000);
  log(wasEnough ? 'info' : 'warn', wasEnough ? 'ended' : 'ended with requests under way: --grace was not enough');
  return wasEnough ? 0 : 1;
}

function died({ code, signal }) {
  log('error', 'workerd ended by itself', { code, signal });
  return 1;
}

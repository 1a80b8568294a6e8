// Disks that are full or cannot be written. Linux alone lets a test mount one.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { until } from '../support/until.ts';
import { folder, ownConfig, run, serveOwn } from './server.ts';

const isLinux = process.platform === 'linux';

/** A small disk of its own. */
async function disk(megabytes: number): Promise<string> {
  const made = path.join(await folder(), 'disk');
  await mkdir(made);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', made]);
  after(() => void spawnSync('umount', ['--lazy', made]));
  return made;
}

test('a disk that becomes full is an error of what writes, which the log names; what was acknowledged stays, and room mends it', {
  skip: !isLinux,
}, async () => {
  const home = await disk(32);
  const data = path.join(home, 'data');
  const server = await serveOwn(data);
  await until('it is said', () => server.lines.some(({ message }) => message === 'the disk of the data folder is almost full'));
  const ballast = path.join(home, 'ballast');
  await server.call('GET /counter/add?name=a');
  let acknowledged = 1;
  spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4k']);
  const refused = await until('it is full', async () => {
    const answer = await server.call(`GET /counter/add?name=a`).catch(() => undefined);
    if (answer?.status !== 200) return true;
    acknowledged = Number(answer.text);
    return undefined;
  });
  assert.ok(refused);
  assert.equal((await server.call('GET /counter/add?name=new')).status, 500);
  await until('it is said', () =>
    server.lines.some((line) => line.level === 'error' && /full|SQLITE_FULL|SQLITE_IOERR/i.test(JSON.stringify(line))),
  );
  await rm(ballast);
  const sum = await until('it writes again', async () => {
    const answer = await server.call('GET /counter/add?name=a').catch(() => undefined);
    return answer?.status === 200 ? Number(answer.text) : undefined;
  });
  assert.ok(sum > acknowledged, `${sum} after ${acknowledged}`);
  await server.end();
  spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4k']);
  const { code, stderr } = await run(['serve', '--config', ownConfig, '--data', data]);
  assert.equal(code, 1);
  assert.equal(stderr, `wxedge-worker: the data folder ${data} cannot be written: the disk is full.\n`);
  await rm(ballast);
  const { sum: kept } = (await (await serveOwn(data)).call('GET /counter?name=a')).json;
  assert.equal(kept, sum);
});

test('a read-only disk is one clear error, of serve, of backup and of doctor', { skip: !isLinux }, async () => {
  const home = await disk(8);
  const data = path.join(home, 'data');
  await (await serveOwn(data)).end();
  execFileSync('mount', ['-o', 'remount,ro', home]);
  const said = `the data folder ${data} cannot be written: the disk is read-only.`;
  assert.equal((await run(['serve', '--config', ownConfig, '--data', data])).stderr, `wxedge-worker: ${said}\n`);
  assert.ok((await run(['doctor', '--config', ownConfig, '--data', data])).stdout.includes(`wrong  data: ${said}`));
  const backup = await run(['backup', path.join(home, 'backup'), '--data', data]);
  assert.equal(backup.stderr, `wxedge-worker: ${path.join(home, 'backup')} cannot be written: the disk is read-only.\n`);
  const elsewhere = path.join(await folder(), 'backup');
  assert.equal((await run(['backup', elsewhere, '--data', data])).code, 0, 'it can be read');
});

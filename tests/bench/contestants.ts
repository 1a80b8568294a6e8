// The Workers of the bench: as wrangler would upload them, with the bindings of wrangler.toml, each in a workerd of its own.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { apiKey, appid, type Job, jobsOf, messagePush, sdkKey } from './jobs.ts';
import type { Request } from './load.ts';
import { type Upload, uploadOf, wxedgeMain } from './upload.ts';
import type { WeChat } from './wechat/wechat.ts';
import { configure, startWorkerd, type Workerd } from './workerd/workerd.ts';

/** A Worker, bundled and configured but not started. */
export type Contestant = { name: string; upload: Upload; config: string };

/** A Worker that runs, with what it is asked to do. */
export type Side = { name: string; worker: Workerd; jobs: Job[]; send(request: Request): Promise<Response> };

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const contestants = {
  /** The release Worker. */
  wxedge: { main: wxedgeMain, options: [] },
  /** The same backend in TypeScript, minified as its author could ask for: the release Worker's glue is minified too. */
  hono: { main: here('hono/worker.ts'), options: ['--minify'] },
  /** What the runtime takes alone. */
  empty: { main: here('empty-worker.mjs'), options: ['--minify'] },
};

/** Bundles one into a new directory of `scratch`, from its own main module unless another is given. */
export async function prepare(name: keyof typeof contestants, scratch: string, wechat: WeChat, otherMain?: string): Promise<Contestant> {
  const directory = path.join(scratch, name);
  await mkdir(directory);
  const { main, options } = contestants[name];
  const upload = await uploadOf(otherMain ?? main, directory, options);
  const vars = {
    WECHAT_APPID: appid,
    WECHAT_SECRET: appid.slice(2).repeat(2),
    WECHAT_API_BASE: wechat.url,
    SESSION_SECRET: 'a-session-secret-of-the-bench-0123456789',
    API_KEYS: `bench[codes,links,token,phone,admin,api]:${apiKey},sdk[sdk,api]:${sdkKey}`,
    ALLOWED_ORIGINS: 'https://h5.example.com',
    PUSH_TOKEN: messagePush.token,
    PUSH_AES_KEY: messagePush.aesKey,
  };
  const files = { modules: upload.modules, compatibilityFlags: ['global_fetch_strictly_public'] };
  return { name, upload, config: await configure(path.join(directory, 'workerd'), files, vars) };
}

/** Starts one, logs people in, and has made what is only read later. */
export async function start({ name, config }: Contestant, wechat: WeChat, options: { inspected?: boolean } = {}): Promise<Side> {
  const worker = await startWorkerd(config, options);
  const send = ({ method, path: target, headers, body }: Request): Promise<Response> =>
    fetch(`http://${worker.address}${target}`, { method, headers, ...(body === undefined ? {} : { body }) });
  try {
    return { name, worker, send, jobs: await jobsOf({ name, send, wechat }) };
  } catch (error) {
    await worker.close();
    throw error;
  }
}

/** A side's job by its name. */
export function jobOf({ name, jobs }: Side, job: string): Job {
  const found = jobs.find((one) => one.name === job);
  if (found === undefined) throw new Error(`${name} has no job ${job}`);
  return found;
}

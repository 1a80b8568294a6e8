// A Worker on the real runtime with a sandbox as its WeChat, for one test file.
import { startSandbox } from '../../sandbox/src/sandbox.ts';
import { startWorker } from '../../scripts/worker.mjs';

export const appid = 'wx0123456789abcdef';
export const secrets = {
  WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
  SESSION_SECRET: 'a-session-secret-that-is-planted-in-tests',
  API_KEY: 'an-api-key-that-is-planted-in-the-tests',
};

export type Vars = Record<string, string | undefined>;

/** The variables of a Worker that works. */
export function goodVars(weChat: string): Vars {
  return {
    WECHAT_APPID: appid,
    WECHAT_SECRET: secrets.WECHAT_SECRET,
    SESSION_SECRET: secrets.SESSION_SECRET,
    API_KEYS: `tests:${secrets.API_KEY}`,
    WECHAT_API_BASE: weChat,
  };
}

/** Starts both; `vars` go over the good ones, undefined takes one away. */
export async function startWxedge({ vars = {} }: { vars?: Vars } = {}) {
  const sandbox = await startSandbox({ port: 0 });
  const logs: string[] = [];
  const worker = await startWorker({
    vars: { ...goodVars(sandbox.url), ...vars },
    log: (line: string) => logs.push(line),
  });
  return {
    url: worker.url,
    miniflare: worker.miniflare,
    sandbox,
    logs,
    async close() {
      await worker.close();
      await sandbox.close();
    },
  };
}

// A stand-in for WeChat on this machine, with an account and made-up users, and the settings of a Worker whose WeChat it is.
import { startSandbox } from 'wxedge-sandbox';

/** An API key for the sandbox. It is worth nothing anywhere else. */
export const apiKey = 'only-for-the-sandbox-on-this-machine';

export async function sandboxWithSettings(port = 0) {
  const sandbox = await startSandbox({ port });
  const settings = {
    WECHAT_APPID: 'wx0123456789abcdef',
    WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
    SESSION_SECRET: 'only-for-the-sandbox-on-this-machine',
    API_KEYS: `sandbox:${apiKey}`,
    WECHAT_API_BASE: sandbox.url,
  };
  return { sandbox, settings };
}

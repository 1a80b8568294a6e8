// The app is launched before the wasm is there. So it keeps a promise, and whoever needs the launch waits for it.
import { parseLaunch, parseQuery, ready, resolveSceneRequest, send } from 'wxedge/weixin';

/** The wasm is loaded once, from where config/index.js puts it. */
export const loaded = () => ready({ path: '/static/wxedge.wasm' });

let launch;

export function keepLaunch(options) {
  launch = loaded().then(() => parseLaunch(options));
  // Whoever waits for it is told.
  launch.catch(() => {});
}

/** How the mini program was opened last, and with which parameters. */
export async function currentLaunch() {
  const { source, query, code, link } = await launch;
  return { from: source.name_zh, params: await paramsOf({ query, code, link }) };
}

/** A code carries `scene`, an ordinary link `q`, a share its query. */
async function paramsOf({ query, code, link }) {
  if (code && code.stored) {
    // What was too long for a code lies in the Worker.
    const stored = await send(resolveSceneRequest(process.env.TARO_APP_WXEDGE, { scene: code.raw }));
    return parseQuery(stored.query);
  }
  return (code || link || { params: query }).params;
}

// App.onLaunch runs before the wasm is there. So it keeps a promise, and whoever needs the launch waits for it.
const { parseLaunch, ready } = require('wxedge');

let launch;

function keepLaunch(options) {
  launch = ready().then(() => parseLaunch(options));
}

/** How the mini program was opened last, and with which parameters. */
async function currentLaunch() {
  const { source, path, query, code, link } = await launch;
  // A code carries `scene`, an ordinary link `q`, a share its query.
  return { from: source.name_zh, path, params: (code || link || { params: query }).params };
}

module.exports = { keepLaunch, currentLaunch };

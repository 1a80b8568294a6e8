import { invalid, notFound, readyWith } from './wasm.js';

// A build that knows where it puts the wasm says so by defining __WXEDGE_WASM__, as wxedge/vite does.
const DEFAULT_PATH = typeof __WXEDGE_WASM__ === 'string' ? __WXEDGE_WASM__ : '/miniprogram_npm/wxedge/wxedge.wasm';

/** `ready()` for mini programs: the platform loads the wasm from a file of the code package, and from nothing else. */
export function readyFromPackage(loadPure) {
  return readyWith({
    supported: () => typeof WXWebAssembly !== 'undefined',
    loadPure,
    loadWasm: (path, imports) => start(path || DEFAULT_PATH, imports),
  });
}

async function start(path, imports) {
  let started;
  try {
    started = await WXWebAssembly.instantiate(path, imports);
  } catch (error) {
    throw failure(path, error);
  }
  // An instance on phones; some versions of the developer tools give both, as the standard does.
  return (started.instance || started).exports;
}

function failure(path, error) {
  const reason = (error && (error.errMsg || error.message)) || String(error);
  if (error && /^(Compile|Link|Runtime)Error$/.test(error.name)) return invalid(path, reason);
  return notFound(
    path,
    reason,
    'run 构建 npm in the developer tools, which copies it there; or put dist/wxedge.wasm of this package into the code package and say where with ready({ path })',
  );
}

// Requests that are sent once, over a TCP connection of their own.
import { connect } from 'cloudflare:sockets';

import { copy, joined } from './bytes.js';
import { enter, perform } from './executor.js';

/**
 * Sends bytes and reads until the wasm says that the reply is whole, or the other side closes. All this has `whole`
 * milliseconds, opening the connection `opening` of them; the reply has up to `limit` bytes. After a reply, what lives on
 * after this request closes the connection. Elsewhere the runtime drops it with the request, which saves a fifth of the
 * time of all this.
 */
export const sendOnce = (call, hostname, port, isSecure, request, opening, whole, limit, livesOn) => {
  const bytes = copy(request);
  const deadlines = { opening, whole };
  perform(call, () => transfer({ hostname, port }, isSecure, bytes, deadlines, limit, livesOn), completeTransfer);
};

function completeTransfer(exports, call, outcome) {
  if (typeof outcome === 'string') exports.complete_failure(call, outcome);
  else exports.complete_bytes(call, outcome);
}

/** Gives the bytes of the reply, or the name of what failed. */
async function transfer(address, isSecure, request, deadlines, limit, livesOn) {
  let socket;
  try {
    socket = connect(address, { secureTransport: isSecure ? 'on' : 'off' });
  } catch {
    return 'not_connected';
  }
  // Each step reports its own failure; this promise would report it once more, to nobody.
  socket.closed.catch(() => {});
  const state = { isOpen: false, isLate: false, timer: undefined };
  const late = new Promise((resolve) => startTimer(state, deadlines, resolve));
  let outcome;
  try {
    outcome = await Promise.race([late, converse(socket, request, limit, state)]);
  } catch {
    outcome = state.isOpen ? 'failed' : 'not_connected';
  }
  clearTimeout(state.timer);
  if (livesOn || typeof outcome === 'string') socket.close().catch(() => {});
  return outcome;
}

/** Tells in time that the connection does not open, or that the reply does not come. */
function startTimer(state, { opening, whole }, tell) {
  const end = (outcome) => {
    state.isLate = true;
    tell(outcome);
  };
  state.timer = setTimeout(() => {
    if (state.isOpen) state.timer = setTimeout(end, whole - opening, 'timed_out');
    else end('not_connected');
  }, opening);
}

async function converse(socket, request, limit, state) {
  await socket.opened;
  // Who gave up waiting for the connection has said that nothing was sent.
  if (state.isLate) return 'not_connected';
  state.isOpen = true;
  // Where writing fails, so does reading.
  socket.writable
    .getWriter()
    .write(request)
    .catch(() => {});
  const reader = socket.readable.getReader();
  let reply = new Uint8Array();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    reply = reply.length === 0 ? value : joined([reply, value], reply.length + value.length);
    if (reply.length > limit) return 'too_large';
    if (enter((exports) => exports.is_whole_reply(reply))) break;
  }
  return reply;
}

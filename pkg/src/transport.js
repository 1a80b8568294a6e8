import { WxedgeError } from './error.js';

// The Worker itself answers within its own limit of 10 seconds for each call to WeChat, of which a request may need
// three.
const TIMEOUT_MS = 30000;

export async function send(request, options) {
  const via = (options && options.via) || findTransport();
  const reply = await (typeof via === 'function' ? sendByFetch(via, request) : sendByRequest(via, request));
  const body = readBody(reply);
  if (reply.status < 200 || reply.status > 299) throw problem(reply.status, body);
  if (body === MALFORMED) {
    throw new WxedgeError('malformed_reply', 'the answer is neither JSON nor an image', {
      status: reply.status,
      hint: 'check that the base is the address of a wxedge Worker',
    });
  }
  return body;
}

function findTransport() {
  // uni-app's build for the web replaces the words `uni.request` and `wx.request`, and leaves no such function in the
  // objects themselves.
  if (typeof wx === 'object' && wx && typeof wx.request === 'function') return { request: (options) => wx.request(options) };
  if (typeof uni === 'object' && uni && typeof uni.request === 'function') return { request: (options) => uni.request(options) };
  if (typeof fetch === 'function') return fetch;
  throw new WxedgeError('network', 'there is neither wx.request nor uni.request nor fetch: hand one in as `via`');
}

async function sendByFetch(fetchFunction, request) {
  const abort = typeof AbortController === 'function' ? new AbortController() : undefined;
  const answer = async () => {
    const response = await fetchFunction(request.url, {
      method: request.method,
      headers: request.header,
      body: request.data === undefined ? undefined : JSON.stringify(request.data),
      signal: abort && abort.signal,
    });
    return { status: response.status, type: response.headers.get('content-type'), data: await response.arrayBuffer() };
  };
  return bounded(answer(), () => abort && abort.abort());
}

function sendByRequest(platform, request) {
  let task;
  const answer = new Promise((resolve, reject) => {
    task = platform.request({
      url: request.url,
      method: request.method,
      header: request.header,
      data: request.data,
      timeout: TIMEOUT_MS,
      // Bytes for every route: whether an answer is an image or a problem is known only when it is there.
      responseType: 'arraybuffer',
      dataType: 'text',
      success: (reply) => resolve({ status: reply.statusCode, type: headerOf(reply.header, 'content-type'), data: reply.data }),
      fail: reject,
    });
  });
  return bounded(answer, () => task && typeof task.abort === 'function' && task.abort());
}

async function bounded(answer, abort) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
      abort();
    }, TIMEOUT_MS);
  });
  try {
    return await Promise.race([answer, timeout]);
  } catch (error) {
    throw new WxedgeError('network', `the Worker cannot be reached: ${reasonOf(error)}`, { retryable: true, hint: hintOf() });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A browser says no more of a request that CORS forbids than of one that found nobody. A mini program has `Page`, and
 * Taro puts a `document` into it.
 */
function hintOf() {
  return typeof document === 'object' && typeof Page === 'undefined'
    ? `where the network is up, ALLOWED_ORIGINS of the Worker lacks the origin of this page, ${location.origin}`
    : 'in a mini program, the domain of the base must be listed in the console as a request domain';
}

const MALFORMED = {};

/** The JSON, the bytes of an image, null for an empty answer, or MALFORMED. The body decides, not its header. */
function readBody({ status, type, data }) {
  if (status === 204) return null;
  if (!isBytes(data)) return typeof data === 'string' ? parseJson(data) : data === undefined ? MALFORMED : data;
  const first = new Uint8Array(data).find((byte) => byte > 0x20);
  if (first === 0x7b || first === 0x5b) return parseJson(new TextDecoder().decode(data));
  return /^image\//.test(type || '') && data.byteLength > 0 ? data : MALFORMED;
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return MALFORMED;
  }
}

/** Our own problem+json as an error; anything else comes from something between us and the Worker. */
function problem(status, body) {
  if (!body || typeof body.code !== 'string') {
    return new WxedgeError('unexpected_reply', `the answer has status ${status} and is not from a wxedge Worker`, {
      status,
      retryable: status === 429 || status >= 500,
    });
  }
  const details = { status, retryable: body.retryable === true };
  for (const field of ['errcode', 'rid', 'hint']) {
    if (body[field] !== undefined) details[field] = body[field];
  }
  return new WxedgeError(body.code, body.detail || body.title || body.code, details);
}

// An ArrayBuffer of another realm, as some runtimes give, is no instance of this one's.
function isBytes(data) {
  return Object.prototype.toString.call(data) === '[object ArrayBuffer]';
}

function headerOf(headers, name) {
  const key = Object.keys(headers || {}).find((candidate) => candidate.toLowerCase() === name);
  return key === undefined ? undefined : String(headers[key]);
}

function reasonOf(error) {
  return (error && (error.errMsg || error.message)) || 'unknown reason';
}

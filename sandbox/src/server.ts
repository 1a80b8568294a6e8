import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { whyRefused } from './callers.ts';
import type { CallRecord, Calls } from './calls.ts';
import type { ControlRoute } from './control-routes.ts';
import type { Certificate } from './certificate.ts';
import type { Call } from './endpoint.ts';
import { ControlError, WechatError } from './errors.ts';
import { type Fault, type Faults, takesEffect } from './faults.ts';
import { KEEP_ALIVE_MS, MAX_ANSWER_BYTES_KEPT, MAX_BODY_BYTES, MAX_UPLOAD_BYTES } from './limits.ts';
import type { Platform, Served } from './platform.ts';
import { errcodeOf, type Reply, ridOf } from './replies.ts';
import { answerOf, spoil } from './spoil.ts';
import { isMultipart, partsOf } from './upload.ts';
import { closeWith, crash, readBody, reset, send, sendHalf, sendText, wait } from './wire.ts';

/** What the server passes calls to, and the address that it is to listen on. */
export type Parts = {
  platform: Platform;
  routes: ControlRoute[];
  faults: Faults;
  calls: Calls;
  host: string;
  /** With one it speaks https. */
  certificate: Certificate | undefined;
};

/** The server of both surfaces. It does not listen yet. */
export function sandboxServer(parts: Parts): Server {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(parts, request, response).catch((error: unknown) => crash(error, response));
  };
  const server = parts.certificate ? createTlsServer(parts.certificate, listener) : createServer(listener);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

async function handle(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refused = whyRefused(request.headers, parts.host);
  if (refused !== undefined) return closeWith(response, 403, refused);
  // The path is taken as it was written: an address that starts with two slashes names no host.
  const url = new URL(`http://sandbox${request.url ?? '/'}`);
  const contentType = request.headers['content-type'] ?? '';
  const limit = isMultipart(contentType) ? MAX_UPLOAD_BYTES : MAX_BODY_BYTES;
  const body = await readBody(request, limit);
  if (body === undefined) return closeWith(response, 413, `the body is over ${limit} bytes`);
  const call: Call = {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    body,
    parts: await partsOf(body, contentType),
    address: request.socket.remoteAddress ?? '',
  };
  if (call.path === '/sandbox' || call.path.startsWith('/sandbox/')) return await serveControl(parts, call, response);
  await serveWechat(parts, call, response);
}

async function serveWechat(parts: Parts, call: Call, response: ServerResponse): Promise<void> {
  const { platform, faults, calls } = parts;
  const record = calls.begin(call);
  response.once('close', () => calls.end(record));
  const fault = faults.take(call.path);
  record.fault = fault?.kind ?? null;

  if (fault?.kind === 'delay' && !fault.after) await wait(fault.ms ?? 0, response);
  const served = takesEffect(fault) ? platform.serve(call) : undefined;
  if (fault?.kind === 'delay' && fault.after) await wait(fault.ms ?? 0, response);

  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'reset') return reset(response.socket);
  const reply = finalReply(served, fault, platform.contentType(call.path));
  note(calls, record, reply, served, fault);
  if (fault?.kind === 'reset_midway') return sendHalf(reply, response);
  send(reply, response);
}

function finalReply(served: Served | undefined, fault: Fault | undefined, contentType: string): Reply {
  const instead = fault && answerOf(fault, contentType);
  if (instead) return instead;
  if (!served) throw new Error('a fault that keeps a call from taking effect must answer it');
  return fault ? spoil(served.reply, fault) : served.reply;
}

function note(calls: Calls, record: CallRecord, reply: Reply, served: Served | undefined, fault: Fault | undefined): void {
  const isWechats = reply.json !== undefined || (served !== undefined && !fault) || fault?.kind === 'delay';
  const rid = ridOf(reply);
  const answer = rid === null ? '' : reply.bytes.toString('utf8', 0, MAX_ANSWER_BYTES_KEPT);
  const outcome = { status: reply.status, errcode: isWechats ? errcodeOf(reply) : null, rid };
  calls.answered(record, outcome, { appid: served?.appid, answer });
}

async function serveControl({ routes, calls }: Parts, call: Call, response: ServerResponse): Promise<void> {
  if (call.path === '/sandbox/elsewhere') calls.redirectFollowed();
  try {
    const route = findRoute(routes, call);
    const { format, ...fields } = controlFields(call);
    const result = (await route.run(fields as never)) as Record<string, unknown>;
    const text = format === 'text' ? route.text : undefined;
    if (text !== undefined) sendText(response, 200, String(result[text]), 'text/plain');
    else sendText(response, 200, `${JSON.stringify(result, null, 2)}\n`, 'application/json');
  } catch (error) {
    const { status, message } = controlError(error);
    sendText(response, status, `${JSON.stringify({ error: message })}\n`, 'application/json');
  }
}

/** What to tell the user of the control surface. Mistakes of the sandbox itself are thrown on. */
function controlError(error: unknown): ControlError {
  if (error instanceof ControlError) return error;
  if (error instanceof WechatError) return new ControlError(`WeChat refuses: ${error.errcode} ${error.message}`, 409);
  throw error;
}

function findRoute(routes: ControlRoute[], call: Call): ControlRoute {
  const here = routes.filter((route) => route.path === call.path);
  const route = here.find((candidate) => candidate.method === call.method);
  if (route) return route;
  if (here.length > 0) {
    throw new ControlError(`${call.path} takes ${here.map(({ method }) => method).join(', ')}, not ${call.method}`, 405);
  }
  throw new ControlError(`no control route ${call.path}; GET /sandbox lists them`, 404);
}

/** The fields of the JSON body, and those of the query, whose numbers and booleans are read as such. */
function controlFields(call: Call): Record<string, unknown> {
  const fromQuery = Object.fromEntries([...call.query].map(([name, value]) => [name, queryValue(name, value)]));
  if (call.body.length === 0) return fromQuery;
  const json = parseJson(call.body.toString('utf8'));
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ControlError('the body must be a JSON object');
  }
  return { ...fromQuery, ...json };
}

const NUMERIC_FIELDS = [
  'last',
  'id',
  'expires_in',
  'offset_seconds',
  'advance_seconds',
  'times',
  'skip',
  'errcode',
  'ms',
  'status',
  'megabytes',
  'number',
  'time_factor',
  'limit',
  'used',
  'timestamp',
  'amount',
  'coupon',
  'balance',
  'probability',
];

function queryValue(name: string, value: string): unknown {
  if (NUMERIC_FIELDS.includes(name) && /^-?\d+(?:\.\d+)?$/.test(value)) return Number(value);
  return value === 'true' || value === 'false' ? value === 'true' : value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ControlError('the body is not JSON');
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { whyRefused } from '../callers.ts';
import { randomHex } from '../crypto.ts';
import { KEEP_ALIVE_MS } from '../limits.ts';
import { closeWith, crash, readBody, reset, type Sendable, send, sendHalf, wait } from '../wire.ts';
import { type Answer, answer, outgoing, refusal } from './answers.ts';
import type { PayCall } from './call.ts';
import { kept, type PayCallRecord } from './calls.ts';
import { CASHIER_PATH, serveCashier } from './cashier.ts';
import { PayError } from './errors.ts';
import { type PayFault, type Subject, takesEffect } from './faults.ts';
import { MAX_BODY_BYTES } from './limits.ts';
import { findEndpoint } from './router.ts';
import type { PayWorld } from './world.ts';

/** The host that an SDK knows; it leads here only where someone has set it so. */
export const PAY_HOST = 'api.mch.weixin.qq.com';

/** The server of WeChat Pay's API and of the page on which users pay. It does not listen yet. */
export function payServer(world: PayWorld, host: string): Server {
  const server = createServer((request, response) => {
    handle(world, host, request, response).catch((error: unknown) => crash(error, response));
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

async function handle(world: PayWorld, host: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const why = whyRefused(request.headers, host, PAY_HOST);
  if (why !== undefined) return closeWith(response, 403, why);
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === undefined) return closeWith(response, 413, `the body is over ${MAX_BODY_BYTES} bytes`);
  const target = request.url ?? '/';
  const [path = '', ...rest] = target.split('?');
  const call: PayCall = {
    method: request.method ?? 'GET',
    target,
    path,
    query: new URLSearchParams(rest.join('?')),
    headers: request.headers,
    body,
  };
  if (path === CASHIER_PATH) return serveCashier(world, call, response);
  await serve(world, call, response);
}

async function serve(world: PayWorld, call: PayCall, response: ServerResponse): Promise<void> {
  const { route } = findEndpoint(call.method, call.path);
  const path = route?.endpoint.path;
  const requestId = `08${randomHex(14).toUpperCase()}`;
  const record = world.calls.begin(call, path, requestId);
  const subject = subjectOf(call, route?.params ?? {}, path);
  const fault = world.faults.take('calls', subject);
  record.fault = fault?.kind ?? null;

  if (fault?.kind === 'delay' && !fault.after) await wait(fault.ms ?? 0, response);
  if (fault?.kind === 'paid_meanwhile' && !fault.after) payNow(world, subject.outTradeNo);
  const done = takesEffect(fault) ? answer(call, world, record) : undefined;
  if (fault?.kind === 'paid_meanwhile' && fault.after) payNow(world, subject.outTradeNo);
  if (fault?.kind === 'delay' && fault.after) await wait(fault.ms ?? 0, response);

  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'reset') return reset(response.socket);
  const reply = instead(fault, call, world) ?? ofAnswer(done, call, world, fault, record);
  record.status = reply.status;
  const named = { ...reply, headers: { ...reply.headers, 'Request-ID': requestId } };
  if (fault?.kind === 'reset_midway') return sendHalf(named, response);
  send(named, response);
}

function ofAnswer(done: Answer | undefined, call: PayCall, world: PayWorld, fault: PayFault | undefined, record: PayCallRecord): Sendable {
  if (!done) throw new Error('a fault that keeps a call from taking effect must answer it');
  const out = outgoing(done, call, world, fault);
  record.code = done.code;
  record.answer_message = out.message === null ? null : kept(out.message);
  return out;
}

/** What a fault answers in WeChat Pay's place. */
function instead(fault: PayFault | undefined, call: PayCall, world: PayWorld): Sendable | undefined {
  const error = (status: number, code: string, message: string): Sendable =>
    outgoing(refusal(new PayError(status, code, message)), call, world, undefined);
  switch (fault?.kind) {
    case 'system_error':
      return error(500, 'SYSTEM_ERROR', '系统异常，请稍后重试');
    case 'frequency_limited':
      return error(429, 'FREQUENCY_LIMITED', '请求频率过高，请稍后重试');
    case 'error':
      return error(fault.status ?? 500, fault.code ?? '', fault.message ?? 'sandbox');
    case 'accepted':
      return outgoing({ status: 202, body: Buffer.from('{}'), code: null }, call, world, undefined);
    case 'html':
      return page(fault.status ?? 502, fault.body ?? '<html><head><title>502 Bad Gateway</title></head></html>', 'text/html');
    case 'answer':
      return page(fault.status ?? 200, fault.body ?? '', fault.content_type ?? 'application/json; charset=utf-8');
    case 'empty':
      return page(fault.status ?? 200, '', 'application/json; charset=utf-8');
    case 'redirect':
      return { status: fault.status ?? 302, headers: { Location: fault.location ?? '/v3/elsewhere' }, bytes: Buffer.alloc(0) };
    default:
      return undefined;
  }
}

function page(status: number, text: string, type: string): Sendable {
  return { status, headers: { 'Content-Type': type }, bytes: Buffer.from(text) };
}

/** The user pays while the merchant asks for something else. Nothing happens to an order that is paid. */
function payNow(world: PayWorld, outTradeNo: string | undefined): void {
  const order = world.orders.find(outTradeNo ?? '');
  if (order && !order.payment) world.pay(order, { openid: order.openid, coupon: 0, prepayId: undefined, late: true });
}

/** The numbers that a call is about, wherever they stand in it. */
function subjectOf(call: PayCall, params: Record<string, string>, path: string | undefined): Subject {
  const body = looselyParsed(call.body);
  const number = (name: string): string | undefined => {
    const value = params[name] ?? body[name];
    return typeof value === 'string' ? value : undefined;
  };
  return { ...(path === undefined ? {} : { path }), outTradeNo: number('out_trade_no'), outRefundNo: number('out_refund_no') };
}

function looselyParsed(bytes: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

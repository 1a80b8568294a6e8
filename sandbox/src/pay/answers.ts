import type { Sendable } from '../wire.ts';
import { checkAuthorization, requestMessage } from './authorization.ts';
import type { PayCall } from './call.ts';
import { kept, type PayCallRecord } from './calls.ts';
import { changed } from './changes.ts';
import { PayError, wrongParameter } from './errors.ts';
import type { PayFault } from './faults.ts';
import type { Json } from './fields.ts';
import { MCHID } from './keys.ts';
import { findEndpoint } from './router.ts';
import { signed, withJson } from './signed.ts';
import type { PayWorld } from './world.ts';

/** An answer before it is signed. */
export type Answer = { status: number; body: Buffer; code: string | null };

const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers a call as WeChat Pay does: checks who asks, does what is asked. */
export function answer(call: PayCall, world: PayWorld, record: PayCallRecord): Answer {
  const message = requestMessage(call);
  record.request_message = message === undefined ? null : kept(message);
  try {
    checkHeaders(call);
    const { keys, clock } = world;
    checkAuthorization(call, { mchid: MCHID, seconds: clock.seconds(), key: (serial) => keys.merchantKey(serial) });
    const wanted = call.headers['wechatpay-serial'];
    if (wanted !== undefined && !keys.platformKey(String(wanted))) {
      throw wrongParameter('Wechatpay-Serial', wanted, '平台证书序列号Wechatpay-Serial错误', 'header');
    }
    const { route, others } = findEndpoint(call.method, call.path);
    if (!route) throw missing(others);
    const json = route.endpoint.answer(call, world, route.params);
    return { status: json === undefined ? 204 : 200, body: json === undefined ? Buffer.alloc(0) : bytes(json), code: null };
  } catch (error) {
    if (!(error instanceof PayError)) throw error;
    return refusal(error);
  }
}

export function refusal({ status, code, message, detail }: PayError): Answer {
  return { status, code, body: bytes({ code, message, ...(detail === undefined ? {} : { detail }) }) };
}

/** Signs an answer where it is a success, and spoils it as the fault says. Errors are not signed. */
export function outgoing(
  given: Answer,
  call: PayCall,
  world: PayWorld,
  fault: PayFault | undefined,
): Sendable & { message: string | null } {
  const { status, body } = spoiled(given, fault);
  const type: Record<string, string> = body.length > 0 ? { 'Content-Type': JSON_TYPE } : {};
  if (status >= 300) return { status, headers: type, bytes: body, message: null };
  const wanted = call.headers['wechatpay-serial'];
  const unsigned = { body, signer: world.keys.ofAnswer(wanted === undefined ? undefined : String(wanted)), seconds: world.clock.seconds() };
  const out = signed(unsigned, fault, world.keys.stranger);
  return { status, headers: { ...type, ...out.headers }, bytes: out.body, message: out.message };
}

function spoiled(given: Answer, fault: PayFault | undefined): Answer {
  switch (fault?.kind) {
    case 'change':
    case 'missing_field':
      return { ...given, body: withJson(given.body, (json) => changed(json, fault)) };
    case 'spelling':
      return { ...given, body: withJson(given.body, otherSpelling) };
    case 'oversized':
      return {
        ...given,
        body: withJson(given.body, (json) => ({ ...json, padding: 'x'.repeat((fault.megabytes ?? 8) << 20) })),
      };
    default:
      return given;
  }
}

/** Documents write some codes with underscores here and without them there. */
function otherSpelling(json: Json): Json {
  const code = json['code'];
  return typeof code === 'string' ? { ...json, code: code.replaceAll('_', '') } : json;
}

/** Source: 接口规则 (interface rules). */
function checkHeaders({ method, headers }: PayCall): void {
  const accepts = /application\/json|\*\/\*/.test(headers.accept ?? '');
  if (!accepts || !headers['user-agent']) throw wrongParameter('Accept', headers.accept, 'Http头缺少Accept或User-Agent', 'header');
  const type = headers['content-type'] ?? '';
  if (method === 'POST' && !/^application\/json\s*(?:;|$)/i.test(type)) {
    throw wrongParameter('Content-Type', type, 'Http头Content-Type应为application/json', 'header');
  }
}

function missing(others: string[]): PayError {
  return others.length > 0
    ? new PayError(405, 'METHOD_NOT_ALLOWED', `此接口只支持${others.join('、')}`)
    : new PayError(404, 'NOT_FOUND', '请求的接口不存在 (the sandbox has no such endpoint)');
}

function bytes(json: Json): Buffer {
  return Buffer.from(JSON.stringify(json));
}

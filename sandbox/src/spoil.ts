import type { Body } from './body.ts';
import type { Fault } from './faults.ts';
import { type Reply, refusal } from './replies.ts';

/** The answer of a fault that answers in the platform's place; undefined for other kinds. */
export function answerOf(fault: Fault, contentType: string): Reply | undefined {
  switch (fault.kind) {
    case 'busy':
      return refusal(-1, undefined, contentType);
    case 'errcode':
      return refusal(fault.errcode ?? -1, fault.errmsg, contentType);
    case 'answer':
      return page(fault.status ?? 200, fault.body ?? '', fault.content_type ?? contentType);
    case 'html':
      return page(fault.status ?? 502, fault.body ?? HTML_PAGE, 'text/html');
    case 'empty':
      return { status: fault.status ?? 200, headers: {}, bytes: Buffer.alloc(0), json: undefined };
    case 'redirect':
      return {
        status: fault.status ?? 302,
        headers: { Location: fault.location ?? '/sandbox/elsewhere' },
        bytes: Buffer.alloc(0),
        json: undefined,
      };
    default:
      return undefined;
  }
}

/** The normal answer as a fault leaves it. */
export function spoil(reply: Reply, fault: Fault): Reply {
  switch (fault.kind) {
    case 'truncated':
      return { ...reply, bytes: reply.bytes.subarray(0, Math.floor(reply.bytes.length / 2)) };
    case 'mistyped':
      return withJson(reply, mistype(jsonOf(reply), fault));
    case 'missing_field':
      return withJson(
        reply,
        change(jsonOf(reply), fault.field, () => undefined),
      );
    case 'wrong_content_type':
      return {
        ...reply,
        headers: { ...reply.headers, 'Content-Type': fault.content_type ?? 'text/html' },
      };
    case 'not_utf8':
      return { ...reply, bytes: notUtf8(jsonOf(reply)) };
    case 'oversized':
      return { ...reply, bytes: oversized(reply, fault.megabytes ?? 8) };
    case 'status':
      return { ...reply, status: fault.status ?? 500 };
    default:
      return reply;
  }
}

const HTML_PAGE =
  '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>' + '<body><h1>502 Bad Gateway</h1><hr>nginx</body></html>';

function page(status: number, body: string, contentType: string): Reply {
  return { status, headers: { 'Content-Type': contentType }, bytes: Buffer.from(body), json: undefined };
}

/** An image as JSON is what cloud calls answer: right content, wrong shape. */
function jsonOf(reply: Reply): Body {
  if (reply.json) return reply.json;
  return { errcode: 0, errmsg: 'ok', contentType: 'image/jpeg', buffer: reply.bytes.toString('base64') };
}

function withJson(reply: Reply, json: Body): Reply {
  return { ...reply, json, bytes: Buffer.from(JSON.stringify(json)) };
}

function mistype(json: Body, fault: Fault): Body {
  return change(json, fault.field, (value) => ('value' in fault ? fault.value : otherType(value)));
}

function otherType(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return 12345;
    case 'number':
      return String(value);
    case 'boolean':
      return String(value);
    default:
      return 'mistyped';
  }
}

/** A copy with one field changed (a dotted path), or all fields but errcode and errmsg. */
function change(json: Body, field: string | undefined, to: (value: unknown) => unknown): Body {
  if (field !== undefined) return changeOne(json, field.split('.'), to);
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name, name === 'errcode' || name === 'errmsg' ? value : to(value)]),
  );
}

function changeOne(json: Body, [name = '', ...rest]: string[], to: (value: unknown) => unknown): Body {
  const inner = json[name];
  if (rest.length === 0) return { ...json, [name]: to(inner) };
  if (typeof inner !== 'object' || inner === null) return json;
  return { ...json, [name]: changeOne(inner as Body, rest, to) };
}

function notUtf8(json: Body): Buffer {
  const { errmsg: _replaced, ...rest } = json;
  const end = JSON.stringify({ ...rest }).slice(1);
  return Buffer.concat([Buffer.from('{"errmsg":"'), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from(`"${end === '}' ? '' : ','}${end}`)]);
}

function oversized(reply: Reply, megabytes: number): Buffer {
  const padding = Buffer.alloc(megabytes * 1024 * 1024, 'x');
  if (!reply.json) return Buffer.concat([reply.bytes, padding]);
  return Buffer.concat([reply.bytes.subarray(0, -1), Buffer.from(',"padding":"'), padding, Buffer.from('"}')]);
}

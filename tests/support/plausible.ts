// A call that WeChat would take, made from its row, with every field that the row tells.
import type { Field, Operation } from '../../sandbox/src/operations.ts';
import type { Json } from './call.ts';

export type PlausibleCall = {
  method: 'GET' | 'POST';
  /** With a slash before it. */
  path: string;
  query: Record<string, string>;
  /** JSON as a text, so that its bytes can be signed; nothing where everything is in the query. */
  body: string | FormData | undefined;
};

/** The smallest picture that there is. */
export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYPgPAAEDAQEAvVyKAAAAAElFTkSuQmCC',
  'base64',
);

/** `known` are fields that must be something certain: an id that there is, say. One that is undefined is left out. */
export function plausibleCall(operation: Operation, known: Json = {}, method = operation.methods[0] ?? 'POST'): PlausibleCall {
  const query = chosen(operation.query, known);
  return {
    method,
    path: `/${operation.path}`,
    query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])),
    body: method === 'GET' ? undefined : bodyOf(operation, known),
  };
}

/** With `access_token` or other parameters in the query. */
export function requestOf(base: string, { method, path, query, body }: PlausibleCall, more: Record<string, string> = {}): Request {
  const search = new URLSearchParams({ ...query, ...more }).toString();
  const headers: Record<string, string> = typeof body === 'string' ? { 'Content-Type': 'application/json' } : {};
  return new Request(`${base}${path}${search === '' ? '' : `?${search}`}`, { method, headers, ...(body === undefined ? {} : { body }) });
}

function bodyOf(operation: Operation, known: Json): string | FormData | undefined {
  const fields = chosen(operation.body, known);
  switch (operation.sends) {
    case 'nothing':
      return undefined;
    case 'free':
      return '{"the":"caller\'s own"}';
    case 'json':
      return JSON.stringify(fields);
    case 'multipart':
      return formOf(fields);
  }
}

/** An upload: bytes as a file, anything else as a plain part. */
export function formOf(fields: Json): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Uint8Array) form.append(name, new Blob([new Uint8Array(value)], { type: 'image/png' }), `${name}.png`);
    else form.append(name, String(value));
  }
  return form;
}

/** The fields of one level at the top, as they are known or else made up. */
function chosen(fields: Field[] = [], known: Json): Json {
  const made = fields.map((field) => [field.name, Object.hasOwn(known, field.name) ? known[field.name] : valueOf(field)]);
  return Object.fromEntries(made.filter(([, value]) => value !== undefined)) as Json;
}

function valueOf(field: Field): unknown {
  if (!field.list) return single(field);
  return Array.from({ length: Math.max(1, field.min ?? 1) }, () => single({ name: field.name, kinds: field.kinds, ...inside(field) }));
}

function inside({ fields, values }: Field): Partial<Field> {
  return { ...(fields ? { fields } : {}), ...(values ? { values } : {}) };
}

function single(field: Field): unknown {
  if (field.values) return field.values[0];
  switch (field.kinds[0]) {
    case 'number':
    case 'integer':
      return number(field);
    case 'boolean':
      return true;
    case 'object':
      return chosen(field.fields, {});
    case 'map':
      return { key: field.fields ? chosen(field.fields, {}) : 'value' };
    case 'file':
      return PICTURE;
    case 'json':
      return '{}';
    case 'base64':
      return PICTURE.toString('base64');
    case 'any':
      return {};
    default:
      return text(field);
  }
}

function number({ min, max }: Field): number {
  return Math.min(Math.max(1, min ?? 1), max ?? Infinity);
}

function text({ name, min = 0, max = Infinity }: Field): string {
  return name.padEnd(min, 'x').slice(0, max);
}

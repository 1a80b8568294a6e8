import type { PayFault } from './faults.ts';
import type { Json } from './fields.ts';

/** JSON as the kinds `change` and `missing_field` leave it. */
export function changed(json: Json, fault: PayFault | undefined): Json {
  if (fault?.kind !== 'change' && fault?.kind !== 'missing_field') return json;
  return put(json, (fault.field ?? '').split('.'), fault.kind === 'change' ? fault.value : undefined);
}

/** A copy with one field, by its path, of another value; undefined takes it out. */
function put(json: Json, [name = '', ...rest]: string[], value: unknown): Json {
  if (rest.length === 0) return { ...json, [name]: value };
  const inner = json[name];
  return { ...json, [name]: put(typeof inner === 'object' && inner !== null ? (inner as Json) : {}, rest, value) };
}

import { ControlError } from './errors.ts';

type Type = 'string' | 'number' | 'boolean' | 'object' | 'strings' | 'any';

/** The fields that a control call takes, and their types. */
export type Fields = Record<string, Type>;

/**
 * Checks the argument of a control call. Unknown fields and wrong types throw a
 * ControlError that names the field and what was expected.
 */
export function checkFields(input: object, fields: Fields, required: string[] = []): void {
  for (const [name, value] of Object.entries(input)) {
    const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (type === undefined) {
      throw new ControlError(`${name}: unknown field; there are ${Object.keys(fields).join(', ') || 'none'}`);
    }
    if (value !== undefined && !fits(value, type)) throw new ControlError(`${name}: must be ${NAMES[type]}`);
  }
  for (const name of required) {
    if (!Object.hasOwn(input, name)) throw new ControlError(`${name}: missing`);
  }
}

const NAMES: Record<Type, string> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  strings: 'an array of strings',
  any: 'anything',
};

function fits(value: unknown, type: Type): boolean {
  switch (type) {
    case 'any':
      return true;
    case 'strings':
      return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

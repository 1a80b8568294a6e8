// Reading objects that others made: properties may throw, be missing, or be of any type.

/** The property, or undefined. */
export function read(object, key) {
  try {
    return object === null || object === undefined ? undefined : object[key];
  } catch {
    return undefined;
  }
}

/** The value as a text: launch options hold only texts, so anything but a plain value counts as empty. */
export function textOf(value) {
  const text = plainText(value);
  return text === undefined ? '' : text;
}

/** Keys and values in turn, of those properties whose value is a plain one. */
export function pairsOf(object) {
  const pairs = [];
  for (const key of keysOf(object)) {
    const text = plainText(read(object, key));
    if (text !== undefined) pairs.push(key, text);
  }
  return pairs;
}

/** The own keys of an object. */
export function keysOf(object) {
  try {
    return typeof object === 'object' && object !== null ? Object.keys(object) : [];
  } catch {
    return [];
  }
}

function plainText(value) {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      return undefined;
  }
}

/** A value for people: one line for each part, its name before it. */
export function lines(value) {
  const parts = partsOf(value, '');
  const width = Math.max(...parts.map(([name]) => name.length));
  return parts.map(([name, text]) => `${name.padEnd(width)}  ${text}`.trimEnd()).join('\n');
}

function partsOf(value, name) {
  if (typeof value !== 'object' || value === null) return [[name, value === null ? '-' : String(value)]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[name, '-']];
  return entries.flatMap(([key, part]) => partsOf(part, name === '' ? key : `${name}.${key}`));
}

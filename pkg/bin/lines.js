// What moves the cursor, colours or clears a terminal, ends a line, or turns the direction of writing.
const CONTROL = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A value for people: one line for each part, its name before it. */
export function linesOf(value) {
  const parts = partsOf(value, '');
  const width = parts.reduce((longest, [name]) => Math.max(longest, name.length), 0);
  return parts.map(([name, text]) => `${name.padEnd(width)}  ${text}`.trimEnd());
}

/** A line as it can be shown: whatever a stranger wrote into it, no terminal obeys it. */
export function shown(line) {
  return line.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function partsOf(value, name) {
  if (typeof value !== 'object' || value === null) return [[name, value === null ? '-' : String(value)]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[name, '-']];
  return entries.flatMap(([key, part]) => partsOf(part, name === '' ? key : `${name}.${key}`));
}

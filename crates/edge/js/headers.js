// Headers cross as one text, a line each: no value holds a line break.

/** The lines of those headers that are there. */
export function linesOf(headers, names) {
  let lines = '';
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) lines += `${name}: ${value}\n`;
  }
  return lines;
}

/** Names and values of lines. */
export const pairsOf = (lines) => lines.split('\n').slice(0, -1).map(pairOf);

function pairOf(line) {
  const end = line.indexOf(': ');
  return [line.slice(0, end), line.slice(end + 2)];
}

// A record is several texts as one, to cross between JS and wasm in one call: each is followed by a separator that
// none of them holds, and the record begins with that separator.

/** The record of these texts. */
export function record(texts) {
  if (texts.length === 0) return '';
  let code = 0;
  while (holds(texts, String.fromCharCode(code)) && code < LAST_CODE) code += 1;
  const separator = String.fromCharCode(code);
  return separator + texts.join(separator) + separator;
}

/**
 * Reads the texts of a record one after the other. Looking for each separator takes half the time of `split`, which is
 * quick only for a text that it has split before.
 */
export class RecordReader {
  constructor(record) {
    this.record = record;
    this.separator = record[0];
    this.at = 1;
  }

  text() {
    const end = this.record.indexOf(this.separator, this.at);
    const text = this.record.slice(this.at, end);
    this.at = end + 1;
    return text;
  }

  mark() {
    return this.text() === '1';
  }

  /** A number, or null when there is none. */
  number() {
    const text = this.text();
    return text === '' ? null : Number(text);
  }

  params() {
    const params = {};
    for (let left = this.number(); left > 0; left -= 1) {
      const key = this.text();
      // An assignment would not make a property of this name.
      if (key === '__proto__') define(params, key, this.text());
      else params[key] = this.text();
    }
    return params;
  }
}

function define(object, key, value) {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

const LAST_CODE = 0xd7ff;

function holds(texts, separator) {
  for (let index = 0; index < texts.length; index += 1) {
    if (texts[index].indexOf(separator) >= 0) return true;
  }
  return false;
}

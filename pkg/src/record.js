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

/** Reads the texts of a record one after the other. */
export class RecordReader {
  constructor(text) {
    this.texts = text.split(text[0]);
    this.at = 0;
  }

  text() {
    this.at += 1;
    return this.texts[this.at];
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
    for (let left = Number(this.text()); left > 0; left -= 1) {
      const key = this.text();
      if (key === '__proto__') {
        // An assignment would not make a property of this name.
        Object.defineProperty(params, key, { value: this.text(), enumerable: true, configurable: true, writable: true });
      } else {
        params[key] = this.text();
      }
    }
    return params;
  }
}

const LAST_CODE = 0xd7ff;

function holds(texts, separator) {
  for (let index = 0; index < texts.length; index += 1) {
    if (texts[index].indexOf(separator) >= 0) return true;
  }
  return false;
}

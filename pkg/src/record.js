// A record is several texts as one, to cross between JS and wasm in one call: each stands behind its length, as
// crates/helper/src/record.rs says.

const SIX_BITS = 0x3f;
// Another character of the length follows.
const MORE = 0x40;

/**
 * The longest record that is handed in. WeChat's queries have at most 1,024 characters, the link in a code some 3,000.
 * The worst launch of this length takes 0.2 s on a laptop, the longest text to be written 13 MB, and a wasm never gives
 * memory back.
 */
export const MAX_LENGTH = 262144;

/** The record of these texts. */
export function record(texts) {
  let record = '';
  for (let index = 0; index < texts.length; index += 1) record += lengthOf(texts[index].length) + texts[index];
  return record;
}

function lengthOf(units) {
  return units <= SIX_BITS ? String.fromCharCode(units) : upperBits(units >>> 6) + String.fromCharCode(units & SIX_BITS);
}

function upperBits(units) {
  const last = String.fromCharCode((units & SIX_BITS) | MORE);
  return units <= SIX_BITS ? last : upperBits(units >>> 6) + last;
}

/** Reads the texts of a record one after the other. What is missing is empty. */
export class RecordReader {
  constructor(record) {
    this.record = record;
    this.at = 0;
  }

  text() {
    const end = this.length() + this.at;
    const text = this.record.slice(this.at, end);
    this.at = end;
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

  length() {
    let length = 0;
    let character = MORE;
    while (character & MORE) {
      character = this.record.charCodeAt(this.at);
      this.at += 1;
      length = (length << 6) | (character & SIX_BITS);
    }
    return length;
  }
}

function define(object, key, value) {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

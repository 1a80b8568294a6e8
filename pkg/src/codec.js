// The runtime of mini programs has neither TextDecoder nor TextEncoder. The build gives these names to every file of
// the package, so the platform's own are taken where there are any, and nothing global is touched.

class Utf8Decoder {
  decode(bytes) {
    if (bytes === undefined) return '';
    const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
    let text = '';
    let at = 0;
    while (at < view.length) {
      const [point, length] = readPoint(view, at);
      text += String.fromCodePoint(point);
      at += length;
    }
    return text;
  }
}

class Utf8Encoder {
  encode(text) {
    const bytes = new Uint8Array(text.length * 3);
    return bytes.slice(0, this.encodeInto(text, bytes).written);
  }

  encodeInto(text, bytes) {
    let at = 0;
    for (const character of text) {
      at += writePoint(character.codePointAt(0), bytes, at);
    }
    return { read: text.length, written: at };
  }
}

const REPLACEMENT = 0xfffd;
// The least code point of each length: a longer form of a smaller one is malformed.
const LEAST = [0, 0, 0x80, 0x800, 0x10000];

/** The code point that begins at a byte, and its length; a malformed byte is a replacement character of length 1. */
function readPoint(view, at) {
  const first = view[at];
  if (first < 0x80) return [first, 1];
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > view.length) return [REPLACEMENT, 1];
  let point = first & (0x7f >> length);
  for (let next = at + 1; next < at + length; next += 1) {
    if ((view[next] & 0xc0) !== 0x80) return [REPLACEMENT, 1];
    point = (point << 6) | (view[next] & 0x3f);
  }
  return point < LEAST[length] || point > 0x10ffff || isSurrogate(point) ? [REPLACEMENT, 1] : [point, length];
}

/** Writes a code point and says how many bytes it took. */
function writePoint(given, bytes, at) {
  const point = isSurrogate(given) ? REPLACEMENT : given;
  if (point < 0x80) {
    bytes[at] = point;
    return 1;
  }
  const length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  bytes[at] = ((0xf00 >> length) & 0xff) | (point >> (6 * (length - 1)));
  for (let next = 1; next < length; next += 1) {
    bytes[at + next] = 0x80 | ((point >> (6 * (length - 1 - next))) & 0x3f);
  }
  return length;
}

function isSurrogate(point) {
  return point >= 0xd800 && point <= 0xdfff;
}

const Decoder = typeof TextDecoder === 'function' ? TextDecoder : Utf8Decoder;
const Encoder = typeof TextEncoder === 'function' ? TextEncoder : Utf8Encoder;

export { Decoder as TextDecoder, Encoder as TextEncoder };

// What a code image carries, read with decoders that share nothing with the encoder.
import assert from 'node:assert/strict';
import jpeg from 'jpeg-js';
import jsqrModule from 'jsqr';
import { PNG } from 'pngjs';

type Decode = (data: Uint8ClampedArray, width: number, height: number) => { data: string } | null;
type Picture = { data: Uint8Array; width: number; height: number };

// The package is CommonJS with a default export of its own, which Node hands over unopened.
const decode = ((jsqrModule as unknown as { default?: Decode }).default ?? jsqrModule) as Decode;

export type CodeImage = { text: string; width: number; transparent: boolean };

/** Reads a JPEG or PNG by its first bytes, and the QR code in it. */
export function readCodeImage(bytes: Buffer): CodeImage {
  const { data, width, height } = picture(bytes);
  const pixels = new Uint8ClampedArray(data);
  let transparent = false;
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at + 3] !== 0) continue;
    transparent = true;
    pixels.fill(255, at, at + 4);
  }
  const code = decode(pixels, width, height);
  assert.ok(code, 'a QR code can be read');
  return { text: code.data, width, transparent };
}

function picture(bytes: Buffer): Picture {
  return bytes[0] === 0x89 ? PNG.sync.read(bytes) : jpeg.decode(bytes, { useTArray: true });
}

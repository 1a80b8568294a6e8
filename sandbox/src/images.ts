import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import QRCode from 'qrcode';
import { MAX_IMAGES_KEPT, MIN_MODULE_PIXELS } from './limits.ts';

export type Color = { r: number; g: number; b: number };

/** How to draw a code. */
export type Drawing = {
  /** What the code carries. */
  text: string;
  /** Pixels of each side. */
  width: number;
  color: Color;
  /** A PNG with a transparent background; else a JPEG on white. */
  transparent: boolean;
};

const WHITE: Color = { r: 255, g: 255, b: 255 };
const QUIET_MODULES = 4;
const JPEG_QUALITY = 90;

const drawn = new Map<string, Buffer>();

/**
 * A QR code as PNG or JPEG bytes. Each side is `width` pixels, unless the text
 * is so long that its modules would be under two pixels: then it is larger.
 * Undefined when the text is too long for any QR code.
 */
export function drawCode(drawing: Drawing): Buffer | undefined {
  const key = JSON.stringify(drawing);
  const known = drawn.get(key);
  if (known) return known;
  const modules = modulesOf(drawing.text);
  if (!modules) return undefined;
  const image = paint(modules, drawing);
  const bytes = drawing.transparent ? encodePng(image) : jpeg.encode(image, JPEG_QUALITY).data;
  drawn.set(key, bytes);
  if (drawn.size > MAX_IMAGES_KEPT) {
    const [oldest] = drawn.keys();
    if (oldest !== undefined) drawn.delete(oldest);
  }
  return bytes;
}

type Modules = { size: number; dark(row: number, column: number): boolean };
type Image = { width: number; height: number; data: Buffer };

function modulesOf(text: string): Modules | undefined {
  for (const errorCorrectionLevel of ['M', 'L'] as const) {
    try {
      const { modules } = QRCode.create(text, { errorCorrectionLevel });
      return { size: modules.size, dark: (row, column) => modules.get(row, column) === 1 };
    } catch {
      // Too long for this level: the next one holds more.
    }
  }
  return undefined;
}

function paint(modules: Modules, { width, color, transparent }: Drawing): Image {
  const cells = modules.size + 2 * QUIET_MODULES;
  const scale = Math.max(MIN_MODULE_PIXELS, Math.floor(width / cells));
  const side = Math.max(width, cells * scale);
  const margin = Math.floor((side - modules.size * scale) / 2);
  const ink = rgba(color, 255);
  const paper = rgba(WHITE, transparent ? 0 : 255);
  const data = Buffer.alloc(side * side * 4);
  for (let y = 0; y < side; y += 1) {
    const row = Math.floor((y - margin) / scale);
    for (let x = 0; x < side; x += 1) {
      const column = Math.floor((x - margin) / scale);
      const inside = row >= 0 && column >= 0 && row < modules.size && column < modules.size;
      const dark = inside && modules.dark(row, column);
      data.writeUInt32BE(dark ? ink : paper, (y * side + x) * 4);
    }
  }
  return { width: side, height: side, data };
}

function rgba({ r, g, b }: Color, alpha: number): number {
  return ((r << 24) | (g << 16) | (b << 8) | alpha) >>> 0;
}

function encodePng({ width, height, data }: Image): Buffer {
  const png = new PNG({ width, height });
  data.copy(png.data);
  return PNG.sync.write(png);
}

import { type App, isPublished } from './apps.ts';
import { type Body, flag, jsonBody, number, object, text } from './body.ts';
import { type Endpoint, RawBytes } from './endpoint.ts';
import { WechatError } from './errors.ts';
import { type Color, drawCode } from './images.ts';
import { CODE_IMAGE_WIDTH, CODE_PATH_CHARACTERS, QR_PATH_BYTES, SCENE_CHARACTERS } from './limits.ts';
import { characters, isEnvVersion } from './link-rules.ts';
import type { World } from './world.ts';

/** Source: getQRCode, getUnlimitedQRCode and createQRCode, WeChat server API. */
export const codeEndpoints: Endpoint[] = [
  {
    path: '/wxa/getwxacode',
    method: 'POST',
    needs: 'mini_program',
    contentType: 'application/json; encoding=utf-8',
    answer({ body }, world, app) {
      const json = jsonBody(body, { malformed: 40159 });
      const path = requiredPath(app, text(json, 'path'), (value) => characters(value) <= CODE_PATH_CHARACTERS);
      const look = lookOf(json);
      world.quotas.check(app.appid, 'limited_codes');
      const image = draw(path, look, 40159);
      return codeImage(image, { 'Num-Used': String(world.quotas.take(app.appid, 'limited_codes')) });
    },
  },
  {
    path: '/wxa/getwxacodeunlimit',
    method: 'POST',
    needs: 'mini_program',
    contentType: 'application/json:UTF-8',
    answer({ body }, world, app) {
      world.quotas.take(app.appid, 'unlimited_codes_minute');
      const json = jsonBody(body, { malformed: 40169 });
      const scene = requiredScene(text(json, 'scene'));
      // Anything but a real `false` leaves the check on, the text "false" too.
      const page = optionalPage(world, app, text(json, 'page') ?? '', json['check_path'] !== false);
      return codeImage(draw(`${page}?scene=${encodeURIComponent(scene)}`, lookOf(json), 40129));
    },
  },
  {
    path: '/cgi-bin/wxaapp/createwxaqrcode',
    method: 'POST',
    needs: 'mini_program',
    contentType: 'text/plain',
    answer({ body }, world, app) {
      const json = jsonBody(body, { malformed: 40159 });
      const path = requiredPath(app, text(json, 'path'), (value) => Buffer.byteLength(value) <= QR_PATH_BYTES);
      const look = { width: widthOf(json), color: BLACK, transparent: false };
      world.quotas.take(app.appid, 'limited_codes');
      return codeImage(draw(path, look, 40159));
    },
  },
];

type Look = { width: number; color: Color; transparent: boolean };

const BLACK: Color = { r: 0, g: 0, b: 0 };

function requiredPath(app: App, path: string | undefined, fits: (path: string) => boolean): string {
  if (!path || !fits(path)) throw new WechatError(40159);
  if (path.includes('scancode_time')) throw new WechatError(85096);
  if (app.pages.length === 0) throw new WechatError(85079);
  const [page = ''] = path.split('?', 1);
  if (!isPublished(app, page)) throw new WechatError(41030);
  return path;
}

function requiredScene(scene: string | undefined): string {
  if (!scene || characters(scene) > SCENE_CHARACTERS) throw new WechatError(40169);
  if (!/^[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+$/.test(scene)) throw new WechatError(40129);
  return scene;
}

function optionalPage(world: World, app: App, page: string, check: boolean): string {
  if (page.includes('scancode_time')) throw new WechatError(85096);
  if (page.startsWith('/') || page.includes('?')) throw new WechatError(41030);
  if (check && app.pages.length === 0) throw new WechatError(41030);
  if (check && page !== '' && !isPublished(app, page)) throw new WechatError(41030);
  if (!check && page !== '' && !isPublished(app, page)) countUnpublished(world, app, page);
  return page === '' ? (app.pages[0] ?? 'pages/index/index') : page;
}

function countUnpublished(world: World, app: App, page: string): void {
  const key = `${app.appid} ${page}`;
  if (world.unpublishedPages.has(key)) return;
  world.quotas.take(app.appid, 'unpublished_pages');
  world.unpublishedPages.add(key);
}

function lookOf(json: Body): Look {
  const env = text(json, 'env_version');
  if (env && !isEnvVersion(env)) throw new WechatError(40097);
  const auto = flag(json, 'auto_color') ?? false;
  const color = colorOf(object(json, 'line_color'));
  return { width: widthOf(json), color: auto ? BLACK : color, transparent: flag(json, 'is_hyaline') ?? false };
}

function widthOf(json: Body): number {
  const width = number(json, 'width') ?? CODE_IMAGE_WIDTH.fallback;
  if (!Number.isInteger(width) || width < CODE_IMAGE_WIDTH.min || width > CODE_IMAGE_WIDTH.max) {
    throw new WechatError(40097, 'invalid args, width should be 280 to 1280');
  }
  return width;
}

function colorOf(json: Body | undefined): Color {
  if (!json) return BLACK;
  return { r: channel(json['r']), g: channel(json['g']), b: channel(json['b']) };
}

function channel(value: unknown): number {
  // The platform's own examples write channels as decimal texts too.
  const written = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : (value ?? 0);
  if (typeof written !== 'number' || !Number.isInteger(written) || written < 0 || written > 255) {
    throw new WechatError(40097, 'invalid args, line_color should be 0 to 255');
  }
  return written;
}

function draw(carries: string, look: Look, tooLong: number): Buffer {
  const bytes = drawCode({ text: carries, ...look });
  if (!bytes) throw new WechatError(tooLong);
  return bytes;
}

function codeImage(bytes: Buffer, headers: Record<string, string> = {}): RawBytes {
  // The platform says JPEG for the PNG of a transparent code too.
  return new RawBytes(bytes, 'image/jpeg', headers);
}

import type { Bindings } from './bindings.ts';
import { boolean, integer, nonEmptyText, onlyFields, text } from './fields.ts';
import { Problem } from './problem.ts';

const BLACK = { r: 0, g: 0, b: 0 };

/** The body of getUnlimitedQRCode with its defaults, in one order of fields. */
export function checkCodeImage(body: Record<string, unknown>): object {
  onlyFields(body, ['scene', 'page', 'check_path', 'width', 'auto_color', 'line_color', 'is_hyaline', 'env_version']);
  const scene = text(body, 'scene', 32);
  if (!/^[A-Za-z0-9!#$&'()*+,/:;=?@\-._~]+$/.test(scene)) throw Problem.field('scene', 'may hold only letters, digits and some marks');
  const page = nonEmptyText(body, 'page', 1024);
  if (page !== undefined && /^\/|\?/.test(page)) throw Problem.field('page', 'must not start with a slash, and have no query');
  const color = (body['line_color'] ?? BLACK) as Record<string, unknown>;
  const env_version = body['env_version'] ?? 'release';
  if (!['release', 'trial', 'develop'].includes(env_version as string))
    throw Problem.field('env_version', 'must be release, trial or develop');
  return {
    scene,
    page,
    check_path: boolean(body, 'check_path', true),
    width: integer(body, 'width', 280, 1280, 430),
    auto_color: boolean(body, 'auto_color', false),
    line_color: { r: integer(color, 'r', 0, 255), g: integer(color, 'g', 0, 255), b: integer(color, 'b', 0, 255) },
    is_hyaline: boolean(body, 'is_hyaline', false),
    env_version,
  };
}

/** The image from KV, or made by its maker. */
export async function codeImage(env: Bindings, body: object): Promise<{ image: ArrayBuffer; cache: 'hit' | 'miss' }> {
  const name = new TextEncoder().encode(`${env.WECHAT_APPID}\nunlimited\n${JSON.stringify(body)}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', name));
  const key = `image:${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  const image = await env.WXEDGE_KV.get(key, 'arrayBuffer');
  if (image !== null) return { image, cache: 'hit' };
  const made = await env.MAKERS.getByName(key, { locationHint: 'apac' }).image(key, body);
  if ('problem' in made) throw new Problem(...made.problem);
  return { image: made.value, cache: 'miss' };
}

import { WxedgeError } from './error.js';
import { keysOf, pairsOf, read, textOf } from './foreign.js';
import { record } from './record.js';
import { wasm } from './wasm.js';

export { WxedgeError } from './error.js';
export { send } from './transport.js';

export function parseLaunch(options) {
  const scene = sceneValue(read(options, 'scene'));
  const texts = [textOf(read(options, 'path'))].concat(pairsOf(read(options, 'query')));
  const launch = JSON.parse(wasm().parseLaunch(scene, record(texts)));
  return {
    scene: launch.scene,
    source: sceneInfo(launch.scene),
    path: launch.path,
    query: launch.query,
    code: launch.code,
    link: launch.link,
    referrer: referrerOf(read(options, 'referrerInfo')),
  };
}

export function parseScene(text) {
  return JSON.parse(wasm().parseScene(textOf(text)));
}

export function parseQ(query) {
  return JSON.parse(wasm().parseQ(textOf(read(query, 'q')), textOf(read(query, 'scancode_time'))));
}

export function parseQuery(text) {
  return JSON.parse(wasm().parseQuery(textOf(text)));
}

export function buildQuery(params) {
  return wasm().buildQuery(record(pairsOf(params)));
}

export function sceneInfo(value) {
  const number = Math.max(0, sceneValue(value));
  if (!known.has(number)) {
    const info = JSON.parse(wasm().sceneInfo(number));
    if (!info.known) return info;
    known.set(number, info);
  }
  return Object.assign({}, known.get(number));
}

export function loginRequest(base, args) {
  return request('login', base, args);
}

export function sessionRequest(base, args) {
  return request('session', base, args);
}

export function sessionCheckRequest(base, args) {
  return request('sessionCheck', base, args);
}

export function logoutRequest(base, args) {
  return request('logout', base, args);
}

export function phoneRequest(base, args) {
  return request('phone', base, args);
}

export function userDataRequest(base, args) {
  return request('userData', base, args);
}

export function openLinkRequest(base, args) {
  return request('openLink', base, args);
}

export function linkCodeRequest(base, args) {
  return request('linkCode', base, args);
}

export function resolveSceneRequest(base, args) {
  return request('resolveScene', base, args);
}

// Scene values hardly differ within a run, and their texts are the longest part of a launch.
const known = new Map();

const MAX_SCENE_VALUE = 0x7fffffff;

/** The scene value, or -1: WeChat gives a number, its pre-fetch service a text. */
function sceneValue(value) {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return Number.isInteger(number) && number >= 0 && number <= MAX_SCENE_VALUE ? number : -1;
}

function referrerOf(info) {
  const appId = read(info, 'appId');
  if (typeof appId !== 'string' || appId === '') return null;
  const extraData = read(info, 'extraData');
  return extraData === undefined ? { appId } : { appId, extraData };
}

function request(kind, base, args) {
  // Every name goes in, whatever its value, so that one named like a credential is seen.
  const fields = keysOf(args).filter((key) => key !== 'params' && read(args, key) !== undefined);
  const texts = fields.reduce((pairs, key) => pairs.concat(key, textOf(read(args, key))), []);
  const params = pairsOf(read(args, 'params'));
  const built = JSON.parse(wasm().buildRequest(kind, textOf(base), record(texts), record(params)));
  if (built.error) throw new WxedgeError(built.error.code, built.error.message);
  return built;
}

import { WxedgeError } from './error.js';
import { keysOf, pairsOf, read, textOf } from './foreign.js';
import { RecordReader, record } from './record.js';
import { wasm } from './wasm.js';

export { WxedgeError } from './error.js';
export { send } from './transport.js';

export function parseLaunch(options) {
  const scene = sceneValue(read(options, 'scene'));
  const texts = [textOf(read(options, 'path'))].concat(pairsOf(read(options, 'query')));
  const answer = new RecordReader(wasm().parseLaunch(scene, record(texts)));
  return {
    scene: scene < 0 ? null : scene,
    source: sceneInfo(scene),
    path: answer.text(),
    query: answer.params(),
    code: answer.mark() ? sceneOf(answer) : null,
    link: answer.mark() ? linkOf(answer) : null,
    referrer: referrerOf(read(options, 'referrerInfo')),
  };
}

export function parseScene(text) {
  return sceneOf(new RecordReader(wasm().parseScene(textOf(text))));
}

export function parseQ(query) {
  const q = textOf(read(query, 'q'));
  return linkOf(new RecordReader(wasm().parseQ(q, textOf(read(query, 'scancode_time')))));
}

export function parseQuery(text) {
  return new RecordReader(wasm().parseQuery(textOf(text))).params();
}

export function buildQuery(params) {
  return wasm().buildQuery(record(pairsOf(params)));
}

export function sceneInfo(value) {
  const number = Math.max(0, sceneValue(value));
  let info = known.get(number);
  if (!info) {
    info = sceneInfoOf(number, new RecordReader(wasm().sceneInfo(number)));
    if (info.known) known.set(number, info);
  }
  return Object.assign({}, info);
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

function sceneOf(answer) {
  const raw = answer.text();
  const stored = answer.mark();
  return { raw, params: answer.params(), stored };
}

function linkOf(answer) {
  const url = answer.text();
  const time = answer.mark() ? Number(answer.text()) : null;
  return { url, params: answer.params(), scancode_time: time };
}

function sceneInfoOf(value, answer) {
  const [name, name_zh, carries] = [answer.text(), answer.text(), answer.text()];
  const listed = answer.mark();
  const single_page = answer.mark();
  const can_launch_app = answer.mark();
  return { value, name, name_zh, carries, single_page, can_launch_app, official_account: answer.mark(), known: listed };
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
  const answer = new RecordReader(wasm().buildRequest(kind, textOf(base), record(texts), record(params)));
  if (answer.mark()) throw new WxedgeError(answer.text(), answer.text());
  const built = { url: answer.text(), method: answer.text(), header: answer.params() };
  if (answer.mark()) built.data = answer.params();
  return built;
}

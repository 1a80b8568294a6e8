import { WxedgeError } from './error.js';
import { pagesOf } from './app-pages.js';
import { argumentsOf, listOf, pairsOf, paramsOf, read, textOf, textsOf } from './foreign.js';
import { MAX_LENGTH, RecordReader, record } from './record.js';
import { callWasm } from './wasm.js';

export { WxedgeError } from './error.js';
export { send } from './transport.js';

// The numbers of the functions, as in crates/helper/src/function.rs.
const PARSE_LAUNCH = 0;
const PARSE_SCENE = 1;
const BUILD_SCENE = 2;
const PARSE_Q = 3;
const PARSE_SCAN = 4;
const MATCH_LINK_RULE = 5;
const PARSE_QUERY = 6;
const BUILD_QUERY = 7;
const BUILD_PATH = 8;
const SCENE_INFO = 9;
const PLAIN_SCHEME = 10;
const AUTHORIZATION_STEP = 11;
const PHONE_PAGE = 12;
const PHONE_RESULT = 13;
const CHECK_PAGES = 14;
const LOGIN = 15;
const SESSION = 16;
const SESSION_CHECK = 17;
const LOGOUT = 18;
const PHONE = 19;
const USER_DATA = 20;
const OPEN_LINK = 21;
const LINK_CODE = 22;
const RESOLVE_SCENE = 23;
const ORDER = 24;
const ORDER_STATE = 25;
const PAYMENT_RESULT = 26;

export function parseLaunch(options) {
  const given = launchOptions(options);
  const answer = call(PARSE_LAUNCH, pairsOf(given.query, [textOf(given.scene), textOf(given.path)]));
  const scene = answer.number();
  const path = answer.text();
  const query = answer.params();
  return {
    scene,
    source: sceneInfo(scene),
    path,
    query,
    code: answer.mark() ? sceneOf(query.scene, answer) : null,
    link: answer.mark() ? linkOf(query.q, answer) : null,
    referrer: referrerOf(given.referrerInfo),
  };
}

export function parseScene(text) {
  const answer = call(PARSE_SCENE, [textOf(text)]);
  return sceneOf(answer.text(), answer);
}

export function buildScene(params) {
  return built(BUILD_SCENE, paramsOf(params)).text();
}

export function parseQ(query) {
  const answer = call(PARSE_Q, [textOf(read(query, 'q')), textOf(read(query, 'scancode_time'))]);
  return linkOf(answer.text(), answer);
}

export function parseScan(result) {
  const answer = call(PARSE_SCAN, textsOf(result, ['result', 'path', 'scanType']));
  const kind = answer.text();
  const text = answer.text();
  return kind === 'scene' ? sceneOf(text, answer) : kind === 'link' ? linkOf(text, answer) : { text };
}

export function matchLinkRule(rule, url) {
  return call(MATCH_LINK_RULE, [textOf(rule), textOf(url)]).mark();
}

export function parseQuery(text) {
  return call(PARSE_QUERY, [textOf(text)]).params();
}

export function buildQuery(params) {
  return built(BUILD_QUERY, paramsOf(params)).text();
}

export function buildPath(page, params) {
  return built(BUILD_PATH, [textOf(page)].concat(paramsOf(params))).text();
}

export function sceneInfo(value) {
  let info = known.get(value);
  if (!info) {
    info = sceneInfoOf(call(SCENE_INFO, [textOf(value)]));
    if (info.known) known.set(info.value, info);
  }
  return copyOf(info);
}

export function plainScheme(args) {
  return built(PLAIN_SCHEME, argumentsOf(args)).text();
}

export function authorizationStep(scope, authSetting, refusedNow) {
  return call(AUTHORIZATION_STEP, pairsOf(authSetting, [textOf(scope), refusedNow ? '1' : ''])).text();
}

export function phonePage(page, args) {
  return built(PHONE_PAGE, [textOf(page)].concat(counted(argumentsOf(args)), paramsOf(read(args, 'params')))).text();
}

export function phoneResult(detail) {
  const answer = call(PHONE_RESULT, textsOf(detail, ['code', 'errMsg', 'errno']));
  const kind = answer.text();
  return { [kind]: answer.text() || true };
}

export function checkPages(app, paths) {
  const pages = pagesOf(app);
  const answer = callBounded(CHECK_PAGES, [String(pages.length)].concat(pages, listOf(paths).map(textOf)));
  const problems = [];
  for (let left = answer.number(); left > 0; left -= 1) problems.push({ path: answer.text(), problem: answer.text() });
  return problems;
}

export function loginRequest(base, args) {
  return request(LOGIN, base, args);
}

export function sessionRequest(base, args) {
  return request(SESSION, base, args);
}

export function sessionCheckRequest(base, args) {
  return request(SESSION_CHECK, base, args);
}

export function logoutRequest(base, args) {
  return request(LOGOUT, base, args);
}

export function phoneRequest(base, args) {
  return request(PHONE, base, args);
}

export function userDataRequest(base, args) {
  return request(USER_DATA, base, args);
}

export function openLinkRequest(base, args) {
  return request(OPEN_LINK, base, args);
}

export function linkCodeRequest(base, args) {
  return request(LINK_CODE, base, args);
}

export function resolveSceneRequest(base, args) {
  return request(RESOLVE_SCENE, base, args);
}

export function orderRequest(base, args) {
  return request(ORDER, base, args);
}

export function orderStateRequest(base, args) {
  return request(ORDER_STATE, base, args);
}

export function paymentResult(outcome) {
  const answer = call(PAYMENT_RESULT, textsOf(outcome, ['errMsg', 'errCode']));
  const kind = answer.text();
  return kind === 'failed' ? { failed: answer.text() } : kind;
}

// Scene values hardly differ within a run, and their texts are the longest part of a launch.
const known = new Map();

/** Calls a function that never refuses: a call that is too long is answered as an empty one is. */
function call(number, texts) {
  const given = record(texts);
  return new RecordReader(callWasm(number, given.length > MAX_LENGTH ? '' : given));
}

/** Calls a function that may refuse its arguments. */
function built(number, texts) {
  const answer = callBounded(number, texts);
  if (answer.mark()) throw new WxedgeError(answer.text(), answer.text());
  return answer;
}

function callBounded(number, texts) {
  const given = record(texts);
  if (given.length > MAX_LENGTH) {
    throw new WxedgeError('invalid_argument', `all arguments together must be shorter than ${MAX_LENGTH} characters`);
  }
  return new RecordReader(callWasm(number, given));
}

/** The properties one by one are slow to read, so that is left for options of which one throws. */
function launchOptions(options) {
  try {
    const { scene, path, query, referrerInfo } = options;
    return { scene, path, query, referrerInfo };
  } catch {
    return {
      scene: read(options, 'scene'),
      path: read(options, 'path'),
      query: read(options, 'query'),
      referrerInfo: read(options, 'referrerInfo'),
    };
  }
}

function sceneOf(raw, answer) {
  const stored = answer.mark();
  return { raw, params: answer.params(), stored };
}

function linkOf(url, answer) {
  const scancode_time = answer.number();
  return { url, params: answer.params(), scancode_time };
}

function sceneInfoOf(answer) {
  return {
    value: answer.number(),
    name: answer.text(),
    name_zh: answer.text(),
    carries: answer.text(),
    known: answer.mark(),
    single_page: answer.mark(),
    can_launch_app: answer.mark(),
    official_account: answer.mark(),
  };
}

/** Written out, since that is several times as fast as Object.assign. */
function copyOf(info) {
  return {
    value: info.value,
    name: info.name,
    name_zh: info.name_zh,
    carries: info.carries,
    known: info.known,
    single_page: info.single_page,
    can_launch_app: info.can_launch_app,
    official_account: info.official_account,
  };
}

function referrerOf(info) {
  const appId = read(info, 'appId');
  if (typeof appId !== 'string' || appId === '') return null;
  const extraData = read(info, 'extraData');
  return extraData === undefined ? { appId } : { appId, extraData };
}

function request(number, base, args) {
  const fields = counted(argumentsOf(args));
  const answer = built(number, [textOf(base)].concat(fields, paramsOf(read(args, 'params'))));
  const request = { url: answer.text(), method: answer.text(), header: answer.params() };
  if (answer.mark()) {
    request.data = answer.params();
    for (let left = answer.number(); left > 0; left -= 1) request.data[answer.text()] = answer.number();
  }
  return request;
}

function counted(pairs) {
  return [String(pairs.length / 2)].concat(pairs);
}

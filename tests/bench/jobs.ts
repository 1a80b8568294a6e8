// What the two Workers are asked to do, the same for both.
import { pushOf, textMessage } from '../push/wechat.ts';
import type { Request } from './load.ts';
import type { WeChat } from './wechat/wechat.ts';

export const appid = 'wx0123456789abcdef';
export const apiKey = 'an-api-key-of-the-bench-0123456789';
/** The key that SDKs have as their AppSecret. */
export const sdkKey = 'an-api-key-of-sdks-in-the-bench-0123';
/** What the console's message push is set to. */
export const messagePush = { appid, token: 'pushTokenOfTheBench', aesKey: 'pushKeyOfTheBench0123456789ABCDEFGHIJKLMNOP' };

/** A Worker under load, as far as the jobs need to know it. */
export type Side = { name: string; send(request: Request): Promise<Response>; wechat: WeChat };
/** People of the mini program who have logged in. */
type Person = { user: string; token: string };

export type Job = {
  name: string;
  /** What every answer must be. */
  status: number;
  /** Makes so many requests; what can be sent any number of times makes a few that are sent again and again. */
  requests(count: number): Promise<Request[]>;
};

/** So many people share the load of the routes that need a session; their objects live side by side. */
const PEOPLE = 64;
/** So often one user may make the Worker call WeChat within a minute: each asks for his number that often, and never again. */
const CALLS_OF_ONE = 20;
const CODE = { scene: 'bench=1', page: 'pages/index/index', width: 640 };
const SCHEME = { jump_wxa: { path: 'pages/index/index', query: 'from=bench' }, expire_type: 1, expire_interval: 30 };
export const TEXT = { content: '您好，今天有货吗？', version: 2, scene: 1, openid: 'o-of-the-bench' };
const LINK = { path: 'pages/index/index', query: 'from=bench', allow: ['utm_source'], title: 'wxedge' };
const BROWSER = {
  'user-agent':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-language': 'zh-CN,zh-Hans;q=0.9',
};
/** Cloudflare puts it on every request; these are addresses for documentation. */
const ADDRESS = { 'cf-connecting-ip': '203.0.113.7' };

/** The jobs of one side, ready to be loaded: people are logged in, the image and the link exist. */
export async function jobsOf(side: Side): Promise<Job[]> {
  const image = service('POST', '/v1/wxacode/unlimited', CODE);
  const people = await logIn(side, namesOf(side, 'person', PEOPLE));
  const data = await side.wechat.each(
    'encryptedData',
    people.map(({ user }) => [{ user }]),
  );
  await succeed(side, service('PUT', '/v1/links/bench', LINK));
  await succeed(side, image);
  const perPerson = (make: (person: Person, index: number) => Request) => async () => people.map(make);
  const always = (request: Request) => async () => [request];
  return [
    { name: 'health', status: 200, requests: always(get('/v1/health')) },
    { name: 'login', status: 200, requests: (count) => logins(side, count) },
    { name: 'session', status: 200, requests: perPerson(({ token }) => get('/v1/session', bearer(token))) },
    { name: 'phone', status: 200, requests: (count) => phones(side, count) },
    {
      name: 'user data',
      status: 200,
      requests: perPerson(({ token }, index) => {
        const { encryptedData, iv } = data[index] ?? {};
        return post('/v1/userdata', { encryptedData, iv }, bearer(token));
      }),
    },
    { name: 'token', status: 200, requests: always(service('GET', '/v1/token')) },
    { name: 'scheme', status: 200, requests: always(service('POST', '/v1/scheme', SCHEME)) },
    { name: 'gateway call', status: 200, requests: always(service('POST', '/v1/wechat/wxa/msg_sec_check', TEXT)) },
    { name: 'code image, 50 KB', status: 200, requests: always(image) },
    { name: 'H5 page', status: 200, requests: always(get('/go/bench?utm_source=bench&other=1', BROWSER)) },
    { name: 'push', status: 200, requests: (count) => pushes(side, count) },
    { name: 'refused', status: 401, requests: perPerson(({ token }) => get('/v1/session', bearer(`${token}x`))) },
    { name: 'not found', status: 404, requests: always(get('/v1/nothing/here')) },
  ];
}

/** Names that nobody else has. */
function namesOf(side: Side, kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${side.name}-${kind}-${number}`);
}

async function logIn(side: Side, users: string[]): Promise<Person[]> {
  const codes = await side.wechat.each(
    'loginCode',
    users.map((user) => [{ user }]),
  );
  return Promise.all(
    codes.map(async ({ code, user }) => {
      const { token } = JSON.parse(await succeed(side, post('/v1/login', { code }))) as { token: string };
      return { user, token };
    }),
  );
}

/** Other people than those with a session: a login replaces the key that their data is encrypted with. */
async function logins(side: Side, count: number): Promise<Request[]> {
  const people = Array.from({ length: count }, (_, number) => [{ user: `${side.name}-login-${number % 512}` }] as [{ user: string }]);
  const codes = await side.wechat.each('loginCode', people);
  return codes.map(({ code }) => post('/v1/login', { code }));
}

/** Messages of customers, each another one: WeChat's repeats are not what is measured. */
async function pushes(side: Side, count: number): Promise<Request[]> {
  return Array.from({ length: count }, (_, number) => {
    pushed += 1;
    const { query, body } = pushOf(messagePush, textMessage(`${side.name}-customer-${number % 512}`, pushed));
    return { ...post(`/v1/push?${new URLSearchParams(query)}`, undefined), body };
  });
}

/** How many messages were pushed, to whichever side. */
let pushed = 0;

/** How many times numbers were asked for, by whichever side. */
let askedFor = 0;

async function phones(side: Side, count: number): Promise<Request[]> {
  askedFor += 1;
  const people = await logIn(side, namesOf(side, `phone-${askedFor}`, Math.ceil(count / CALLS_OF_ONE)));
  const turns = Array.from({ length: count }, (_, number) => people[number % people.length] as Person);
  const codes = await side.wechat.each(
    'phoneCode',
    turns.map(({ user }) => [{ user }]),
  );
  return codes.map(({ code }, index) => post('/v1/phone', { code }, bearer(turns[index]?.token ?? '')));
}

function get(path: string, headers: Record<string, string> = {}): Request {
  return { method: 'GET', path, headers: { ...ADDRESS, ...headers } };
}

function post(path: string, body: unknown, headers: Record<string, string> = {}): Request {
  return { method: 'POST', path, headers: { ...ADDRESS, ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function service(method: string, path: string, body?: unknown): Request {
  const request = body === undefined ? get(path) : post(path, body);
  return { ...request, method, headers: { ...request.headers, ...bearer(apiKey) } };
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

async function succeed(side: Side, request: Request): Promise<string> {
  const response = await side.send(request);
  const text = await response.text();
  if (!response.ok) throw new Error(`${side.name}: ${request.method} ${request.path}: ${response.status} ${text}`);
  return text;
}

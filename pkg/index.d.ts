/** Keys and values, all of them text. 键值对，全部是字符串。 */
export type Params = Record<string, string>;

/** What a mini program code carries. 小程序码携带的 scene。 */
export interface Scene {
  /** The decoded text. 解码一次后的文本。 */
  raw: string;
  /** The parameters of `a=1&b=2`; a bare id and a stored scene have none. 解析出的参数。 */
  params: Params;
  /** A `~` scene stands for a longer query: see {@link resolveSceneRequest}. 以 `~` 开头的 scene 需向 Worker 查询。 */
  stored: boolean;
}

/** The ordinary link of a scanned QR code. 扫普通链接二维码得到的链接。 */
export interface Link {
  /** Decoded once. 只解码一次。 */
  url: string;
  /** The parameters of the link, decoded. 链接自身的参数。 */
  params: Params;
  /** When it was scanned, in Unix seconds. 扫码时间，秒。 */
  scancode_time: number | null;
}

/** What is known of a scene value. 场景值的含义。 */
export interface SceneInfo {
  value: number;
  /** In English. 英文含义。 */
  name: string;
  /** In Chinese, as WeChat publishes it. 官方中文含义。 */
  name_zh: string;
  /** Where the parameters of such a launch are. 参数在哪里：`query.scene`、`query.q`、query 本身或无。 */
  carries: 'scene' | 'q' | 'query' | 'none';
  /** Single-page mode of Moments (1154): no login, no navigation. 朋友圈单页模式。 */
  single_page: boolean;
  /** A button can open the app that opened the mini program (1069). 可以打开 App。 */
  can_launch_app: boolean;
  /** The official-account component may show. 可展示公众号关注组件。 */
  official_account: boolean;
  /** WeChat adds values several times a year; false for one that is not in the table yet. 是否在场景值表中。 */
  known: boolean;
}

/** What a launch carries. 启动参数。 */
export interface Launch {
  /** The scene value, not to be taken for `query.scene`. 场景值，不是 `query.scene`。 */
  scene: number | null;
  source: SceneInfo;
  /** Without a leading slash. 页面路径，不带开头的斜杠。 */
  path: string;
  /** Each value decoded once; of a repeated key, the last. 每个值只解码一次，重复的键取最后一个。 */
  query: Params;
  code: Scene | null;
  link: Link | null;
  /** `extraData` is the very object that came. `extraData` 原样传递。 */
  referrer: { appId: string; extraData?: unknown } | null;
}

/** A request as `wx.request` and `uni.request` take it. 可直接交给 `wx.request` 的请求。 */
export interface RequestOf {
  url: string;
  method: 'GET' | 'POST' | 'DELETE';
  header: Params;
  data?: object;
}

/** Every failure of this package. 本包抛出的错误。 */
export class WxedgeError extends Error {
  private constructor();
  /**
   * A stable word: `not_ready`, `wasm_not_found`, `wasm_invalid`, `wasm_unsupported`, `invalid_argument`,
   * `credential_refused`, `network`, `unexpected_reply`, `malformed_reply`, or the `code` of the Worker's problem.
   * 稳定的错误码。
   */
  readonly code: string;
  /** HTTP status. HTTP 状态码。 */
  readonly status?: number;
  /** WeChat's error code. 微信错误码。 */
  readonly errcode?: number;
  /** WeChat's request id. 微信请求 id。 */
  readonly rid?: string;
  /** What to do about it. 处理建议。 */
  readonly hint?: string;
  /** The same request may succeed later. 稍后重试可能成功。 */
  readonly retryable: boolean;
}

/**
 * Loads the wasm. Safe to call again; after a failure the next call tries again.
 * `path`: where the wasm is, if not in its usual place: a file in Node, a URL in a web page; Workers need none.
 * 加载 wasm，可重复调用，失败后可重试。
 */
export function ready(options?: { path?: string }): Promise<void>;

/**
 * Reads the options of `App.onLaunch`, `App.onShow`, `wx.getLaunchOptionsSync` or `wx.getEnterOptionsSync`. Never
 * throws, whatever the options are. 解析启动参数，任何输入都不会抛错。
 */
export function parseLaunch(options: unknown): Launch;

/** Reads `query.scene`, encoded or not. 解析 `query.scene`。 */
export function parseScene(text: string): Scene;

/** Reads `query.q` and `query.scancode_time`. 解析普通链接二维码的 `q`。 */
export function parseQ(query: { q: string; scancode_time?: string }): Link;

/**
 * Reads the text of a query, with or without `?`. Of a repeated key the last value counts; a `+` is a `+`.
 * 解析查询字符串，重复的键取最后一个，`+` 不当作空格。
 */
export function parseQuery(text: string): Params;

/** Writes the text of a query, without `?`. 生成查询字符串。 */
export function buildQuery(params: Record<string, string | number | boolean | null | undefined>): string;

/** What is known of a scene value. 查询场景值。 */
export function sceneInfo(value: number): SceneInfo;

/** `code` of `wx.login` → `send` gives `{ token, token_type, expires_in, openid, unionid? }`. 登录。 */
export function loginRequest(base: string, args: { code: string }): RequestOf;

/** → `{ appid, openid, unionid?, expires_at }`. 查询会话。 */
export function sessionRequest(base: string, args: { token: string }): RequestOf;

/** → `{ valid }`: whether WeChat still honours the session. 检查登录态。 */
export function sessionCheckRequest(base: string, args: { token: string }): RequestOf;

/** → `null`: the token is dead at once. 退出登录。 */
export function logoutRequest(base: string, args: { token: string }): RequestOf;

/** `code` of the phone button → `{ phoneNumber, purePhoneNumber, countryCode }`. 获取手机号。 */
export function phoneRequest(
  base: string,
  args: { token: string; code: string } | { token: string; encryptedData: string; iv: string },
): RequestOf;

/** → `{ data, verified? }`. 校验、解密用户数据。 */
export function userDataRequest(
  base: string,
  args:
    | { token: string; encryptedData: string; iv: string; rawData?: string; signature?: string }
    | { token: string; rawData: string; signature: string },
): RequestOf;

/** → `{ openlink, url_link?, expires_at }`. 打开小程序的命名链接。 */
export function openLinkRequest(base: string, args: { name: string; params?: Params }): RequestOf;

/** → the image of the link's code as an ArrayBuffer. 命名链接的小程序码。 */
export function linkCodeRequest(base: string, args: { token: string; name: string; params?: Params }): RequestOf;

/** → `{ query }` of a stored scene. 查询 `~` scene。 */
export function resolveSceneRequest(base: string, args: { scene: string }): RequestOf;

/**
 * Sends a request through `wx.request`, `uni.request` or `fetch`, whichever is there, or `via` one that is handed in;
 * waits 30 seconds at most. Resolves to the JSON, to null for status 204, to an ArrayBuffer for an image; rejects with
 * a {@link WxedgeError}. 发送请求，最多等待 30 秒。
 */
export function send(request: RequestOf, options?: { via?: object | Function }): Promise<unknown>;

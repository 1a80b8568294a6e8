import type {
  CreateOrderReply,
  LoginReply,
  OpenLinkReply,
  OrderReply,
  PhoneReply,
  SceneReply,
  SessionCheckReply,
  SessionReply,
  UserDataReply,
} from './api.js';

/** What the routes of the Worker take and answer. Worker 各接口的请求和响应类型。 */
export * from './api.js';

/** Keys and values, all of them text. 键值对，全部是字符串。 */
export type Params = Record<string, string>;

/** Parameters to be written: what is null or undefined is left out. 要写入的参数，null 和 undefined 会被忽略。 */
export type ParamsInput = Record<string, string | number | boolean | null | undefined>;

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

/** What `wx.scanCode` found: one of three, told apart by what it has. 扫码结果：小程序码、链接或其他文本。 */
export type Scan =
  | (Scene & { url?: undefined; scancode_time?: undefined; text?: undefined })
  | (Link & { raw?: undefined; stored?: undefined; text?: undefined })
  | { text: string; raw?: undefined; stored?: undefined; url?: undefined; scancode_time?: undefined; params?: undefined };

/** What the phone button gave: one of four. 手机号按钮的结果。 */
export type PhoneResult =
  | { code: string; refused?: undefined; out_of_quota?: undefined; failed?: undefined }
  | { code?: undefined; refused: true; out_of_quota?: undefined; failed?: undefined }
  | { code?: undefined; refused?: undefined; out_of_quota: true; failed?: undefined }
  | { code?: undefined; refused?: undefined; out_of_quota?: undefined; failed: string };

/** What `wx.requestPayment` said. 支付调用的结果。 */
export type PaymentResult = 'ask_server' | 'cancelled' | { failed: string };

declare const reply: unique symbol;

/**
 * A request as `wx.request` and `uni.request` take it. `Reply` is what {@link send} makes of its answer.
 * 可直接交给 `wx.request` 的请求，`Reply` 为 `send` 的结果类型。
 */
export interface RequestOf<Reply = unknown> {
  url: string;
  method: 'GET' | 'POST' | 'DELETE';
  header: Params;
  data?: object;
  /** For the compiler alone: no request has it. 仅用于类型推导。 */
  readonly [reply]?: Reply;
}

/** Every failure of this package. 本包抛出的错误。 */
export class WxedgeError extends Error {
  private constructor();
  /**
   * A stable word: `not_ready`, `wasm_not_found`, `wasm_invalid`, `wasm_unsupported`, `wasm_trapped` (the device gave
   * no more memory; it starts anew, await {@link ready}), `invalid_argument`, `credential_refused`, `network`, `unexpected_reply`, `malformed_reply`, or the `code` of the Worker's problem.
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
 *
 * `path`: where the wasm is, if not in its usual place: a file in Node, a URL in a web page, a path of the code package
 * in a mini program; Workers need none. `pure`: true takes the same module as JavaScript, as happens by itself where
 * the runtime cannot load wasm; it is slower.
 * 加载 wasm，可重复调用，失败后可重试。`path` 为 wasm 的位置；`pure` 使用纯 JavaScript 版本，不支持 wasm 的环境会自动使用。
 */
export function ready(options?: { path?: string; pure?: boolean }): Promise<void>;

/**
 * Reads the options of `App.onLaunch`, `App.onShow`, `wx.getLaunchOptionsSync` or `wx.getEnterOptionsSync`. Never
 * throws once the wasm is there, whatever the options are; of more than 262,144 characters nothing is read. Every
 * function takes so many at most; those that write refuse more. 解析启动参数，任何输入都不会抛错，总长不超过 262,144 个字符。
 */
export function parseLaunch(options: unknown): Launch;

/** Reads `query.scene`, encoded or not. 解析 `query.scene`。 */
export function parseScene(text: string): Scene;

/**
 * Writes what `getUnlimitedQRCode` takes as `scene`: `a=1&b=2`. What is built parses back to the same parameters.
 * Throws `invalid_argument` over 32 characters or outside letters, digits and ``!#$&'()*+,/:;=?@-._~``; for more, let
 * your server keep a query with `POST /v1/scenes`.
 * 生成小程序码的 `scene`，最多 32 个字符且不能编码；放不下时请由服务端调用 `POST /v1/scenes`。
 */
export function buildScene(params: ParamsInput): string;

/** Reads `query.q` and `query.scancode_time`. 解析普通链接二维码的 `q`。 */
export function parseQ(query: { q: string; scancode_time?: string }): Link;

/**
 * Reads what `wx.scanCode` found: the scene of a code of this mini program, a link (as the code holds it, not
 * decoded), or a text such as a barcode, or the path of a code without a scene. 解析 `wx.scanCode` 的结果。
 */
export function parseScan(result: { result?: string; path?: string; scanType?: string }): Scan;

/**
 * Whether a rule for ordinary links, as the console takes it, matches a scanned link: same protocol and domain, paths
 * below only if the rule ends with `/`, what stands behind `?` as a prefix. A more specific rule that is not published
 * yet keeps its links from opening the mini program: that only the console knows.
 * 普通链接二维码规则是否匹配：协议和域名相同，规则以 `/` 结尾才匹配子路径，参数按前缀匹配。
 */
export function matchLinkRule(rule: string, url: string): boolean;

/**
 * Reads the text of a query, with or without `?`. Of a repeated key the last value counts; a `+` is a `+`.
 * 解析查询字符串，重复的键取最后一个，`+` 不当作空格。
 */
export function parseQuery(text: string): Params;

/** Writes the text of a query, without `?`. 生成查询字符串。 */
export function buildQuery(params: ParamsInput): string;

/**
 * Writes the path of a page with a query: `pages/goods?id=7`. A leading slash stays: `onShareAppMessage` and navigation
 * want one, codes want none. Throws `invalid_argument` when the page has a query already or is none of a mini program.
 * 生成带参数的页面路径。分享和跳转需以 `/` 开头，小程序码不能。
 */
export function buildPath(page: string, params?: ParamsInput): string;

/** What is known of a scene value. 查询场景值。 */
export function sceneInfo(value: number): SceneInfo;

/**
 * Writes a plaintext URL scheme, which needs no server call; the path must be declared in the console. The query may
 * have 512 characters once it is encoded, which is done here. 生成明文 URL Scheme，路径需先在后台声明。
 */
export function plainScheme(args: { appid: string; path: string; query?: string; env_version?: 'release' | 'trial' | 'develop' }): string;

/**
 * What to do next about a scope such as `scope.userLocation`, given `authSetting` of `wx.getSetting`, and whether the
 * user has refused since: go ahead, ask (the platform shows its question once), or explain and offer `wx.openSetting`.
 * 权限的下一步：已授权、可询问、需引导用户打开设置。
 */
export function authorizationStep(
  scope: string,
  authSetting: Record<string, boolean>,
  refusedNow?: boolean,
): 'granted' | 'ask' | 'open_setting';

/**
 * Writes the path of the page with the phone button, told from where the user came and where to go on. There, read
 * `from`, `redirect` and the parameters with {@link parseQuery}, or take them decoded from {@link parseLaunch}. Only
 * pages of this mini program are taken. 生成手机号授权页的路径，`from` 和 `redirect` 只能是本小程序的页面。
 */
export function phonePage(page: string, args: { from: string; redirect: string; params?: ParamsInput }): string;

/**
 * Reads `e.detail` of the phone button: a code for {@link phoneRequest}, a refusal by the user, no verifications left
 * (errno 1400001), or a failure in WeChat's words. 解析手机号按钮的回调：成功、用户拒绝、额度用完或失败。
 */
export function phoneResult(detail: { code?: string; errMsg?: string; errno?: number }): PhoneResult;

/**
 * Checks the pages that codes and links name against an `app.json` or uni-app's `pages.json`, and answers those with a
 * problem: unknown, a leading slash, a query, an extension. The problem says which page may be meant.
 * 用 `app.json` 或 `pages.json` 检查页面路径，返回有问题的路径。
 */
export function checkPages(app: unknown, paths: string[]): { path: string; problem: string }[];

/** Takes `code` of `wx.login`. 登录。 */
export function loginRequest(base: string, args: { code: string }): RequestOf<LoginReply>;

/** Whose session it is. 查询会话。 */
export function sessionRequest(base: string, args: { token: string }): RequestOf<SessionReply>;

/** Asks WeChat, too. 检查登录态。 */
export function sessionCheckRequest(base: string, args: { token: string }): RequestOf<SessionCheckReply>;

/** The token is dead at once. 退出登录。 */
export function logoutRequest(base: string, args: { token: string }): RequestOf<null>;

/** Takes `code` of the phone button, or what older base libraries give. 获取手机号。 */
export function phoneRequest(
  base: string,
  args: { token: string; code: string } | { token: string; encryptedData: string; iv: string },
): RequestOf<PhoneReply>;

/** Verifies and decrypts. 校验、解密用户数据。 */
export function userDataRequest(
  base: string,
  args:
    | { token: string; encryptedData: string; iv: string; rawData?: string; signature?: string }
    | { token: string; rawData: string; signature: string },
): RequestOf<UserDataReply>;

/** How a named link opens the mini program from here. 打开小程序的命名链接。 */
export function openLinkRequest(base: string, args: { name: string; params?: ParamsInput }): RequestOf<OpenLinkReply>;

/** The image of the link's code. 命名链接的小程序码。 */
export function linkCodeRequest(base: string, args: { token: string; name: string; params?: ParamsInput }): RequestOf<ArrayBuffer>;

/** The query of a stored scene. 查询 `~` scene。 */
export function resolveSceneRequest(base: string, args: { scene: string }): RequestOf<SceneReply>;

/**
 * Orders a product whose price the server knows; `send` answers with what `wx.requestPayment` takes. The same unpaid product and
 * quantity within 15 minutes is the same order. 按服务端定价下单，返回 `wx.requestPayment` 的参数。
 */
export function orderRequest(base: string, args: { token: string; product: string; quantity?: number }): RequestOf<CreateOrderReply>;

/**
 * Asks what has become of an order of this user's: the only proof of a payment. While it is not settled the server asks WeChat
 * Pay. 查询自己的订单状态，支付是否成功以此为准。
 */
export function orderStateRequest(base: string, args: { token: string; out_trade_no: string }): RequestOf<OrderReply>;

/**
 * Reads what `wx.requestPayment` said: ask the server, the user went back, or a failure in WeChat's words. None of it is a proof:
 * {@link orderStateRequest} tells. 解析支付调用的结果；是否支付成功须查询服务端。
 */
export function paymentResult(outcome: { errMsg?: string; errCode?: number } | undefined): PaymentResult;

/**
 * Sends a request through `wx.request`, `uni.request` or `fetch`, whichever is there, or `via` one that is handed in;
 * waits 30 seconds at most. Resolves to the JSON, to null for status 204, to an ArrayBuffer for an image; rejects with
 * a {@link WxedgeError}. 发送请求，最多等待 30 秒。
 */
export function send<Reply>(request: RequestOf<Reply>, options?: { via?: object | Function }): Promise<Reply>;

// Only what says so is exported.
export {};

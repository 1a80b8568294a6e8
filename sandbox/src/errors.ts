import { randomHex } from './crypto.ts';

/** WeChat's wording for each error code that the sandbox can answer. */
const MESSAGES: Record<number, string> = {
  [-1]: 'system error',
  0: 'ok',
  1: 'data not exist',
  40001: 'invalid credential, access_token is invalid or not latest',
  40002: 'invalid grant_type',
  40003: 'invalid openid',
  40004: 'invalid media type',
  40007: 'invalid media_id',
  40008: 'invalid message type',
  40009: 'invalid image size',
  40010: 'invalid voice size',
  40011: 'invalid video size',
  40012: 'invalid thumb size',
  40013: 'invalid appid',
  40014: 'invalid access_token',
  40029: 'invalid code',
  40033: 'invalid charset. please check your request, if include \\uxxxx will create fail!',
  40037: 'invalid template_id',
  40066: 'invalid url',
  40097: 'invalid args',
  40125: 'invalid appsecret',
  40129: 'invalid scene',
  40159: 'invalid length for path, or the data is not json string',
  40163: 'code been used',
  40164: 'invalid ip, not in whitelist',
  40165: 'invalid weapp pagepath',
  40169: 'invalid length for scene, or the data is not json string',
  40189: 'invalid width',
  40212: 'invalid query',
  40225: 'invalid page title',
  40226: 'code blocked',
  40243: 'AppSecret is frozen',
  41001: 'access_token missing',
  41002: 'appid missing',
  41004: 'appsecret missing',
  41005: 'media data missing',
  41008: 'missing code',
  41009: 'missing openid',
  41030: 'invalid page',
  42001: 'access_token expired',
  43001: 'require GET method',
  43002: 'require POST method',
  43101: 'user refuse to accept the msg',
  43104: 'no permission',
  44002: 'empty post data',
  44004: 'empty content',
  44990: 'reach max api second frequence limit',
  44991: 'reach max api minute frequence limit',
  44993: 'reach max api day frequence limit',
  45002: 'content size out of limit',
  45009: 'reach max api daily quota limit',
  45011: 'api minute-quota reach limit, must slower, retry next minute',
  45015: 'response out of time limit or subscription is canceled',
  45029: 'reach max qrcode count',
  45047: 'out of response count limit',
  45063: 'access_token is not of a mini program',
  45072: 'invalid command',
  45080: 'need sending message to user or recving message from user in the last 30 seconds before typing',
  45081: 'you are already typing',
  47001: 'data format error',
  47003: 'argument invalid',
  48001: 'api unauthorized',
  48006: 'forbid to clear quota because of reaching the limit',
  50004: 'forbidden to use the token interface',
  50007: 'account is frozen',
  76001: 'rid not found',
  76002: 'invalid rid',
  76003: 'rid does not belong to this account',
  76004: 'rid is expired',
  76021: 'cgi_path not found, please check',
  76022: 'could not use this cgi_path, no permission',
  85079: 'miniprogram has no online release',
  85088: 'no cloud base',
  85096: 'not allow include scancode_time field',
  85400: 'reach max permanent link count',
  85401: 'time limit must be between 1 minute and 30 days',
  85402: 'invalid env_version',
  85403: 'scheme or url link not found',
  85405: 'the appid or path has not declared the plain scheme',
  85406: 'reach max visit count of the day',
  85407: 'no permission to generate',
  85408: 'forbidden to generate',
  87007: 'session_key is not existd or expired',
  87008: 'invalid sig_method',
  87009: 'invalid signature',
  87014: 'risky content',
  200012: 'too many private templates',
  200014: 'template tid is invalid',
  200016: 'start is invalid',
  200017: 'limit is invalid',
  200018: 'category ids are missing',
  200019: 'category ids are invalid',
  200020: 'kidList is invalid',
  200021: 'sceneDesc is invalid',
  200022: 'same title and keywords exist',
  9800003: 'check model_id failed',
  9800007: 'model_id has no ability',
  9800008: 'sn is required',
  9800009: 'sn must be empty',
  268490001: 'openid is invalid',
  268490009: 'session_key is missing or expired',
};

/** A refusal by the platform: HTTP 200 with an `errcode`. */
export class WechatError extends Error {
  readonly errcode: number;

  /** Without a message, the platform's wording for `errcode` is used. */
  constructor(errcode: number, message?: string) {
    super(message ?? wording(errcode));
    this.errcode = errcode;
  }
}

/** The platform's wording for an error code. */
export function wording(errcode: number): string {
  return MESSAGES[errcode] ?? 'error';
}

/** A request id as WeChat appends it to `errmsg`. */
export function newRid(): string {
  return `${randomHex(4)}-${randomHex(4)}-${randomHex(4)}`;
}

/** A mistake in the use of the control surface. */
export class ControlError extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

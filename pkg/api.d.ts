// Written by `npm run describe` from crates/describe/data/routes.txt.

/** The reply to `GET /v1/health`. Whether every setting and binding is right; 503 names each that is wrong. 检查所有配置和绑定；有误时返回 503，并逐项列出。 */
export interface HealthReply {
  status: 'ok' | 'misconfigured';
  version: string;
  /** What was found, by name. 检查结果，按名称列出。 */
  checks: { [name: string]: unknown };
}

/** The reply to `GET /v1/errors/{code}`. What an errcode of WeChat's, or the code of a problem, means and what to do, in English and Chinese. 微信 errcode 或本服务错误码的含义和处理办法，中英文对照。 */
export interface ErrorReply {
  /** WeChat's code. 微信错误码。 */
  errcode?: number;
  /** Or a code of ours. 或本服务的错误码。 */
  code?: string;
  /** WeChat's word for it. 微信返回的说明。 */
  name?: string;
  /** The HTTP status of a code of ours. 本服务错误码对应的 HTTP 状态码。 */
  status?: number;
  /** Whether the same request may succeed later. 稍后重试是否可能成功。 */
  retryable?: boolean;
  en: {
    meaning: string;
    /** What to do. 处理办法。 */
    remedy?: string;
  };
  zh: {
    meaning: string;
    remedy?: string;
  };
  /** What it means at the call that was asked about. 在所查询接口中的含义。 */
  endpoint?: {
    path: string;
    name?: string;
    meaning?: string;
    /** The code of the problem. 对应的本服务错误码。 */
    code: string;
    hint?: string;
  };
}

/** What `POST /v1/login` takes. Logs a user in: exchanges the code of wx.login for a session. 登录：用 wx.login 的 code 换取会话令牌。 */
export interface LoginBody {
  /** What wx.login gave. wx.login 返回的 code。 */
  code: string;
}

/** The reply to `POST /v1/login`. Logs a user in: exchanges the code of wx.login for a session. 登录：用 wx.login 的 code 换取会话令牌。 */
export interface LoginReply {
  /** For the other requests, and as `Authorization: Bearer …` for routes of your own. 会话凭证。 */
  token: string;
  token_type: 'Bearer';
  /** Seconds. 有效时间，秒。 */
  expires_in: number;
  openid: string;
  unionid?: string;
}

/** The reply to `GET /v1/session`. Whose session it is. It sees deletions. 查询会话属于哪个用户，已删除的会话会被拒绝。 */
export interface SessionReply {
  appid: string;
  openid: string;
  unionid?: string;
  /** Unix seconds. 过期时间，Unix 秒。 */
  expires_at: number;
}

/** The reply to `POST /v1/session/check`. Asks WeChat whether the session still holds on its side. 向微信查询登录态是否仍然有效。 */
export interface SessionCheckReply {
  /** Whether WeChat still honours the session. 微信侧登录态是否有效。 */
  valid: boolean;
}

/** The reply to `POST /v1/session/reset`. Has WeChat replace the key of the session; the token stays good. 让微信更换会话密钥，会话令牌仍然有效。 */
export interface SessionResetReply {
  reset: true;
}

/** What `POST /v1/userdata` takes. Decrypts user data, verifies its signature, or both. 解密用户数据、校验签名，或两者都做。 */
export interface UserDataBody {
  encryptedData?: string;
  iv?: string;
  /** As wx gave it. wx 返回的原文。 */
  rawData?: string;
  signature?: string;
}

/** The reply to `POST /v1/userdata`. Decrypts user data, verifies its signature, or both. 解密用户数据、校验签名，或两者都做。 */
export interface UserDataReply {
  /** What was decrypted, else what `rawData` says. 解密后的数据，未传密文时为 `rawData` 的内容。 */
  data: {
    [field: string]: unknown;
    watermark?: {
      appid: string;
      timestamp: number;
    };
  };
  /** There when a signature came, which was right. 传入签名且校验通过时为 `true`。 */
  verified?: true;
}

/** What `POST /v1/phone` takes. The phone number behind the code of the phone button. A service adds the openid, so that WeChat checks whose code it is. 用手机号按钮的 code 换取手机号。服务调用时请带上 openid，由微信核对 code 属于谁。 */
export interface PhoneBody {
  /** What the phone button gave. 手机号按钮返回的 code。 */
  code?: string;
  /** Whose code it is: services only. code 所属的用户，仅限服务。 */
  openid?: string;
  /** With a session only. 仅限会话。 */
  encryptedData?: string;
  iv?: string;
}

/** The reply to `POST /v1/phone`. The phone number behind the code of the phone button. A service adds the openid, so that WeChat checks whose code it is. 用手机号按钮的 code 换取手机号。服务调用时请带上 openid，由微信核对 code 属于谁。 */
export interface PhoneReply {
  /** With the country code when the number is not Chinese. 国外号码带区号。 */
  phoneNumber: string;
  purePhoneNumber: string;
  countryCode: string;
}

/** The reply to `GET /v1/scenes/{scene}`. The query behind a stored scene. 查询 `~` scene 对应的参数。 */
export interface SceneReply {
  /** The text of a query. query 文本，可用 `parseQuery` 解析。 */
  query: string;
}

/** The reply to `GET /v1/links/{name}/open`. How a named link opens the mini program for this visitor. Other parameters of the query are those that the link allows. 命名链接对该访问者的打开方式。链接允许的参数可附在 query 中。 */
export interface OpenLinkReply {
  /** The scheme; null when there is no other way than `web_url`. URL Scheme，只能打开 `web_url` 时为 null。 */
  openlink: string | null;
  /** The URL Link. URL Link。 */
  url_link?: string;
  /** Unix seconds; null for a plain scheme, which does not expire. 过期时间，明文 Scheme 不过期，为 null。 */
  expires_at: number | null;
  /** The page to go to instead. 打不开小程序时的网页。 */
  web_url?: string;
  /** Who asked, by the user agent. 访问者的环境。 */
  visitor: 'wechat_ios' | 'wechat_android' | 'wechat_desktop' | 'mini_program' | 'wecom' | 'ios' | 'android' | 'desktop';
  /** What the page of the link, `/go/{name}`, does for this visitor. `/go/{name}` 页面对该访问者的处理方式。 */
  door: 'open_tag' | 'scheme' | 'url_link' | 'plain_scheme' | 'web' | 'guidance' | 'qr';
}

/** The reply to `GET /v1/jssdk`. What wx.config needs on a page of `PUBLIC_HOSTS`. 生成 wx.config 所需的签名，仅为 `PUBLIC_HOSTS` 中域名下的页面签名。 */
export interface JssdkReply {
  appId: string;
  /** Unix seconds. Unix 秒。 */
  timestamp: number;
  nonceStr: string;
  signature: string;
}

/** What `POST /v1/pay/orders` takes. Makes an order, and gives what wx.requestPayment takes: by a service whatever it wants, by a session a product at its stored price. 下单并返回 wx.requestPayment 的参数：后端可指定全部内容，会话只能购买已设置价格的商品。 */
export interface CreateOrderBody {
  /** Of a service: your number, for ever one order; the same again finds out what became of it. 后端下单：商户订单号，永久唯一；用同一订单号重试不会重复下单。 */
  out_trade_no?: string;
  description?: string;
  /** Fen. 单位为分。 */
  amount?: number;
  /** Who pays. 付款用户。 */
  openid?: string;
  /** Until when it can be paid; seven days where nobody says it. 支付截止时间，默认七天后。 */
  time_expire?: string;
  attach?: string;
  goods_tag?: string;
  detail?: {
    [field: string]: unknown;
  };
  scene_info?: {
    [field: string]: unknown;
  };
  settle_info?: {
    [field: string]: unknown;
  };
  support_fapiao?: boolean;
  /** Of a session: the name of a product. 会话下单：商品名。 */
  product?: string;
  /** How many; one by default. 数量，默认 1。 */
  quantity?: number;
}

/** The reply to `POST /v1/pay/orders`. Makes an order, and gives what wx.requestPayment takes: by a service whatever it wants, by a session a product at its stored price. 下单并返回 wx.requestPayment 的参数：后端可指定全部内容，会话只能购买已设置价格的商品。 */
export interface CreateOrderReply {
  out_trade_no: string;
  state: string;
  payment: {
    timeStamp: string;
    nonceStr: string;
    package: string;
    signType: string;
    paySign: string;
  };
}

/** The reply to `GET /v1/pay/orders/{out_trade_no}`. One order. Asked by its payer, WeChat Pay is asked first. 查询订单；付款用户查询时会先向微信支付查单。 */
export interface OrderReply {
  out_trade_no: string;
  state:
    | 'created'
    | 'paying'
    | 'failed'
    | 'paid'
    | 'closed'
    | 'paid_after_close'
    | 'refunding'
    | 'partially_refunded'
    | 'refunded'
    | 'refund_attention'
    | 'quarantined';
  /** Fen. 单位为分。 */
  amount: number;
  openid: string;
  description: string;
  attach?: string;
  /** Where a session ordered one. 由会话购买的商品。 */
  product?: string;
  quantity?: number;
  created_at: string;
  time_expire: string;
  transaction_id?: string;
  success_time?: string;
  /** What the payer paid, smaller by coupons. 用户实付金额，有优惠时小于 amount。 */
  payer_total?: number;
  refunds: {
    out_trade_no: string;
    out_refund_no: string;
    amount: number;
    state: 'asked' | 'processing' | 'succeeded' | 'closed' | 'abnormal';
    reason?: string;
    refund_id?: string;
    success_time?: string;
    refusal?: {
      code: string;
      message: string;
    };
  }[];
}

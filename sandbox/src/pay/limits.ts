// Every bound of the sandbox for payment and every figure of WeChat Pay's, each with its reason.

/** The largest documented body, an order with its goods, has some ten kilobytes. */
export const MAX_BODY_BYTES = 256 * 1024;
/** Orders kept; the oldest give way. */
export const MAX_ORDERS = 100_000;
/** Refunds kept; the oldest give way. */
export const MAX_REFUNDS_KEPT = 200_000;
/** Values of `prepay_id` kept for one order; each new call gives another. */
export const MAX_PREPAYS = 100;
/** Notifications kept with what they were answered; older ones are not repeated any more. */
export const MAX_NOTIFICATIONS = 20_000;
export const MAX_ANSWER_BYTES = 64 * 1024;
/** Bytes of such an answer that are kept to be looked at. */
export const MAX_ANSWER_BYTES_KEPT = 2_048;
/** Calls kept with their details; the counts go on for ever. */
export const MAX_CALLS_KEPT = 5_000;
/** Bytes of a text that was signed, as it is kept to be compared with. */
export const MAX_MESSAGE_BYTES_KEPT = 4_096;
export const MAX_FAULTS = 1_000;
export const MAX_COPIES = 20;

/** Source: 签名认证 (signatures): how far a timestamp may be off. */
export const CLOCK_SECONDS = 300;
/** Characters of the signed text that SIGN_ERROR shows. */
export const SHOWN_MESSAGE_CHARACTERS = 120;

/** Source: JSAPI 下单. */
export const EXPIRE_SECONDS = { min: 60, max: 90 * 86_400, usual: 7 * 86_400 };
/** How long a client may pay with a `prepay_id`. The documents of v2 say so. */
export const PREPAY_SECONDS = 7_200;

/** Source: 申请退款. */
export const REFUND_SECONDS = 365 * 86_400;
export const REFUND_GAP_SECONDS = 60;
export const REFUNDS_PER_ORDER = 50;

/** API certificates of a merchant that are valid at the same time. Source: 商户API证书. */
export const MERCHANT_CERTIFICATES = 3;
export const CERTIFICATE_DAYS = 5 * 365;

/** How long a server has to answer a notification. Source: 支付成功回调通知. */
export const NOTIFY_SECONDS = 5;
/** Seconds before each repeat, 24 h 4 min in all. Source: 支付成功回调通知. */
export const NOTIFY_WAITS = [15, 15, 30, 180, 600, 1_200, 1_800, 1_800, 1_800, 3_600, 10_800, 10_800, 10_800, 21_600, 21_600];

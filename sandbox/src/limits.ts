// Every bound of the sandbox and every figure of the platform, each with its reason.

/** A request body over this is refused with HTTP 413: the largest holds a file of 2 MiB as base64. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** The same of an upload: the largest files have 10 MiB. */
export const MAX_UPLOAD_BYTES = 12 * 1024 * 1024;
/** Bytes of such a body that are read and thrown away, so that the caller gets to read the refusal. */
export const MAX_DRAINED_BYTES = 32 * 1024 * 1024;
/** Longer than clients keep idle connections, so that no reuse meets a closing one. */
export const KEEP_ALIVE_MS = 120_000;
/** Made-up users over this push out the oldest made-up ones. */
export const MAX_USERS = 50_000;
export const MAX_APPS = 100;
/** Login and phone codes kept, spent ones included, so that 40163 can be told from 40029. */
export const MAX_CODES = 100_000;
/** Tokens kept, retired ones included, so that 42001 and 40001 can be told apart. */
export const MAX_TOKENS = 5_000;
export const MAX_LINKS = 20_000;
export const MAX_ENCRYPTED_MESSAGES = 10_000;
export const MAX_FAULTS = 1_000;
/** Calls kept with their details; the counts go on for ever. */
export const MAX_CALLS_KEPT = 1_000;
/** Different paths that are counted; unknown ones over this count as `(other)`. */
export const MAX_PATHS_COUNTED = 600;
/** Bytes of a request body kept in the call log. */
export const MAX_LOGGED_BODY_BYTES = 2_048;
/** Bytes of an answer kept for its rid: a refusal is a few hundred, one that a fault made larger is not kept whole. */
export const MAX_ANSWER_BYTES_KEPT = 2_048;
export const MAX_FAULT_DELAY_MS = 600_000;
export const MAX_OVERSIZED_MB = 64;
export const MAX_PAGES_PER_APP = 1_000;
/** Drawn images kept, since drawing one takes some ten milliseconds. */
export const MAX_IMAGES_KEPT = 200;
/** A rendered code is at least this wide in each module, so that decoders can read it. */
export const MIN_MODULE_PIXELS = 2;

/** Source: getAccessToken, WeChat server API. */
export const TOKEN_SECONDS = 7_200;
/** How long a token that was replaced still works, and how early the platform renews one. */
export const TOKEN_OVERLAP_SECONDS = 300;
/** Under this age a forced refresh is not made again. Source: getStableAccessToken. */
export const FORCE_REFRESH_GAP_SECONDS = 30;
/** Shorter tokens are malformed. */
export const MIN_TOKEN_CHARACTERS = 16;

/** Login and phone codes. Source: code2Session and getPhoneNumber. */
export const CODE_SECONDS = 300;

/** How long checkEncryptedMsg knows what was encrypted. */
export const ENCRYPTED_MESSAGE_SECONDS = 3 * 86_400;

/** Source: getQRCode and getUnlimitedQRCode, WeChat server API. */
export const CODE_IMAGE_WIDTH = { min: 280, max: 1280, fallback: 430 };
export const CODE_PATH_CHARACTERS = 1_024;
export const QR_PATH_BYTES = 128;
export const SCENE_CHARACTERS = 32;

/** Source: generateScheme and generateUrlLink, WeChat server API. */
export const LINK_SECONDS = { min: 60, max: 30 * 86_400 };
export const LINK_DAYS = { min: 1, max: 30 };
export const LINK_QUERY_CHARACTERS = 1_024;
/** Source: the `cq` parameter of encrypted links. */
export const CQ_CHARACTERS = 256;
export const SHORT_LINK_URL_CHARACTERS = 1_024;
export const SHORT_LINK_TITLE_CHARACTERS = 20;

/** Source: uploadTempMedia, WeChat server API. The page gives pictures 10 MB and, elsewhere, 2 MB. */
export const MEDIA_BYTES = { image: 10 * 1024 * 1024, voice: 2 * 1024 * 1024, video: 10 * 1024 * 1024, thumb: 64 * 1024 };
export const MEDIA_SECONDS = 3 * 86_400;
/** Files kept, and their bytes together, fifty of the largest; older ones give way. */
export const MAX_MEDIA = 1_000;
export const MAX_MEDIA_BYTES = 512 * 1024 * 1024;

/** Source: 订阅消息 (subscription messages): templates that an account may select. */
export const MAX_TEMPLATES = 50;
export const TEMPLATE_KEYWORDS = { min: 2, max: 5 };
export const SCENE_DESC_CHARACTERS = 15;
export const TITLES_AT_ONCE = 30;
/** Permissions to send kept; those of the oldest users and templates give way. */
export const MAX_PERMISSIONS = 50_000;

/** Source: 客服消息 (customer-service messages): after a user wrote, so many answers for so long. */
export const CUSTOMER_SERVICE = { seconds: 48 * 3_600, answers: 5 };
/** Bytes of a text to a user. */
export const CUSTOMER_TEXT_BYTES = 2_048;
export const MAX_CONVERSATIONS = 50_000;
/** Typing is shown after a message within this. Source: typing, WeChat server API. */
export const TYPING_SECONDS = 30;
/** How long it is shown. */
export const TYPING_SHOWN_SECONDS = 15;
/** How long a server has to answer a push: usually, and when it is asked about a refund. Source: 消息推送, 虚拟支付. */
export const PUSH_SECONDS = { usual: 5, refundQuestion: 3 };
export const MAX_PUSH_ANSWER_BYTES = 64 * 1024;
/** Pushes kept with what they were answered; older ones are not repeated any more. */
export const MAX_PUSHES = 20_000;
/** Messages to users that are kept to be looked at. */
export const MAX_MESSAGES = 1_000;

/** How long a rid can be looked up. Source: getRidInfo. */
export const RID_SECONDS = 7 * 86_400;

/** Quota counters kept; those of single users (they end in a name) give way first. */
export const MAX_QUOTA_ENTRIES = 100_000;

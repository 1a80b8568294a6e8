// Every bound of the sandbox and every figure of the platform, each with its reason.

/** A request body over this is refused with HTTP 413: WeChat's own bodies are a few KB. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** Bytes of such a body that are read and thrown away, so that the caller gets to read the refusal. */
export const MAX_DRAINED_BYTES = 16 * 1024 * 1024;
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
export const MAX_PATHS_COUNTED = 200;
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

/** How long a rid can be looked up. Source: getRidInfo. */
export const RID_SECONDS = 7 * 86_400;

/** Quota counters kept; those of single users (they end in a name) give way first. */
export const MAX_QUOTA_ENTRIES = 100_000;

// What the Worker finds bound, where Cloudflare is not: KV, rate limits and files.
export { assets } from './assets.js';
export { KvNamespace, kv } from './kv.js';
export { Limiter } from './limiter.js';

// A Worker has a default.
export default {};

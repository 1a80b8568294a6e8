// The Worker of wxedge, for `main` of a wrangler file, or to be imported into a Worker of one's own.

/** The bindings that it needs. Settings are texts beside them: see the table of settings in the README. */
export interface Env {
  /** A KV namespace. */
  WXEDGE_KV: unknown;
  /** Durable Objects with SQLite, of the classes below. */
  TOKEN_KEEPER: unknown;
  SESSIONS: unknown;
  MAKERS: unknown;
  EVENTS: unknown;
  ORDERS: unknown;
  /** The static assets in `dist/assets`. */
  ASSETS: unknown;
  /** A rate limit; without it logins are not limited. */
  LOGIN_LIMITER?: unknown;
}

/** What the runtime gives beside a request. */
export interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

/** The Worker: call `fetch` for what your own routes do not answer, and `scheduled` in your own. */
declare const worker: {
  fetch(request: Request, env: Env, context: Context): Response | Promise<Response>;
  scheduled(event: unknown, env: Env, context?: Context): void | Promise<void>;
};
export default worker;

interface DurableObject {
  alarm(): Promise<void>;
}
interface DurableObjectClass {
  new (context: never, env: never): DurableObject;
}

/** Owns the access_token. Each class has to be exported by the main module, and made by a migration. */
export declare const TokenKeeper: DurableObjectClass;
/** Holds the session of a user. */
export declare const Sessions: DurableObjectClass;
/** Makes a code image or a link once. */
export declare const Makers: DurableObjectClass;
/** Stores and delivers what WeChat pushes. */
export declare const Events: DurableObjectClass;
/** Holds an order of WeChat Pay with its refunds, and what belongs to all orders. */
export declare const Orders: DurableObjectClass;

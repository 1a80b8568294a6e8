import { accountEndpoints } from './account.ts';
import type { Calls } from './calls.ts';
import { contentSecurityEndpoints } from './content-security.ts';
import { tokenEndpoints } from './credentials.ts';
import { customerServiceEndpoints } from './customer-service.ts';
import { describedEndpoints } from './described.ts';
import { type Answer, type Call, type Endpoint, RawBytes, USUAL_CONTENT_TYPE } from './endpoint.ts';
import { WechatError } from './errors.ts';
import { loginEndpoints } from './login.ts';
import { mediaEndpoints } from './media-endpoints.ts';
import { payKeyEndpoints } from './pay-signatures.ts';
import { phoneEndpoints } from './phone.ts';
import { jsonReply, refusal, type Reply } from './replies.ts';
import { schemeEndpoints } from './schemes.ts';
import { subscribeEndpoints } from './subscribe.ts';
import { templateEndpoints } from './template-endpoints.ts';
import { ticketEndpoints } from './jsapi-ticket.ts';
import { urlLinkEndpoints } from './url-links.ts';
import type { World } from './world.ts';
import { codeEndpoints } from './wxacode.ts';

/** An answer, and the account whose access_token asked for it. */
export type Served = { reply: Reply; appid: string | undefined };

/** The WeChat surface: one call in, one answer out, nothing in between. */
export class Platform {
  #world: World;
  #endpoints: Map<string, Endpoint>;

  constructor(world: World, calls: Calls) {
    this.#world = world;
    // Of two for one path the later one counts: those that remember something stand after the rows.
    const endpoints: Endpoint[] = [
      ...describedEndpoints(),
      ...tokenEndpoints,
      ...loginEndpoints,
      ...phoneEndpoints,
      ...codeEndpoints,
      ...schemeEndpoints,
      ...urlLinkEndpoints,
      ...ticketEndpoints,
      ...templateEndpoints,
      ...subscribeEndpoints,
      ...mediaEndpoints,
      ...customerServiceEndpoints,
      ...contentSecurityEndpoints,
      ...payKeyEndpoints,
      ...accountEndpoints(calls, (path) => this.knows(path)),
    ];
    this.#endpoints = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));
  }

  knows(path: string): boolean {
    return this.#endpoints.has(path);
  }

  paths(): { method: string; path: string }[] {
    return [...this.#endpoints.values()].map(({ method, path }) => ({ method, path }));
  }

  /** Content-Type of the JSON of that path. */
  contentType(path: string): string {
    return this.#endpoints.get(path)?.contentType ?? USUAL_CONTENT_TYPE;
  }

  serve(call: Call): Served {
    const contentType = this.contentType(call.path);
    const endpoint = this.#endpoints.get(call.path);
    if (!endpoint) return { reply: refusal(40066, undefined, contentType), appid: undefined };
    const asked: { appid?: string } = {};
    try {
      return { reply: replyOf(this.#answer(endpoint, call, asked), contentType), appid: asked.appid };
    } catch (error) {
      if (!(error instanceof WechatError)) throw error;
      return { reply: refusal(error.errcode, error.message, contentType), appid: asked.appid };
    }
  }

  #answer(endpoint: Endpoint, call: Call, asked: { appid?: string }): Answer {
    const isTaken = call.method === endpoint.method || (call.method === 'POST' && endpoint.alsoPost === true);
    if (!isTaken) throw new WechatError(endpoint.method === 'POST' ? 43002 : 43001);
    if (endpoint.needs === 'nothing') return endpoint.answer(call, this.#world);
    const token = call.query.get('access_token');
    if (!token) throw new WechatError(41001);
    const app = this.#world.apps.get(this.#world.tokens.verify(token));
    asked.appid = app.appid;
    if (endpoint.needs !== 'any_token' && endpoint.needs !== app.kind) {
      throw new WechatError(endpoint.needs === 'mini_program' ? 45063 : 48001);
    }
    return endpoint.answer(call, this.#world, app);
  }
}

function replyOf(answer: Answer, contentType: string): Reply {
  if (!(answer instanceof RawBytes)) return jsonReply(answer, contentType);
  return {
    status: 200,
    headers: { ...answer.headers, 'Content-Type': answer.contentType },
    bytes: answer.bytes,
    json: undefined,
  };
}

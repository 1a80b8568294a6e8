// The Worker: a route of your own, and everything else is wxedge's.
import wxedge, { type Env } from 'wxedge-worker';

export { Events, Makers, Orders, Sessions, TokenKeeper } from 'wxedge-worker';

export default {
  fetch(request: Request, env: Env, context: ExecutionContext): Response | Promise<Response> {
    const { pathname } = new URL(request.url);
    return pathname === '/api/me' ? me(request, env, context) : wxedge.fetch(request, env, context);
  },
  scheduled: wxedge.scheduled,
};

/** GET /api/me: who is logged in, as the session token says that the request carries. */
async function me(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  const address = new URL('/v1/session', request.url);
  // As it came, so with CF-Connecting-IP, which logins are limited by.
  const session = await wxedge.fetch(new Request(address, { headers: request.headers }), env, context);
  if (!session.ok) return session;
  const { openid } = await session.json<{ openid: string }>();
  return Response.json({ openid, hello: 'from a route of your own' });
}

// The token handling that most mini program backends have: a cache, a fetch when it is empty, and no lock.
const TOKEN_KEY = 'access_token';

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/v1/health') return Response.json({ status: 'ok' });
    if (pathname === '/v1/token') return Response.json({ access_token: await accessToken(env) });
    if (pathname === '/v1/scheme') return scheme(request, env);
    return new Response(null, { status: 404 });
  },
};

async function accessToken(env) {
  const cached = await env.WXEDGE_KV.get(TOKEN_KEY);
  if (cached !== null) return cached;
  const response = await fetchToken(env);
  const { access_token: token, expires_in: expiresIn } = await response.json();
  await env.WXEDGE_KV.put(TOKEN_KEY, token, { expirationTtl: expiresIn - 300 });
  return token;
}

function fetchToken({ WECHAT_API_BASE: base, WECHAT_APPID: appid, WECHAT_SECRET: secret, TOKEN_MODE: mode }) {
  const credentials = { grant_type: 'client_credential', appid, secret };
  return mode === 'classic'
    ? fetch(`${base}/cgi-bin/token?${new URLSearchParams(credentials)}`)
    : fetch(`${base}/cgi-bin/stable_token`, { method: 'POST', body: JSON.stringify(credentials) });
}

async function scheme(request, env) {
  const token = await accessToken(env);
  const response = await fetch(`${env.WECHAT_API_BASE}/wxa/generatescheme?access_token=${token}`, {
    method: 'POST',
    body: await request.text(),
  });
  const answer = await response.json();
  return Response.json(answer, { status: answer.errcode ? 502 : 200 });
}

// One login for all who ask at once; after a failure the next one tries again.
import { loginRequest, phoneRequest, ready, send } from 'wxedge';

const base = import.meta.env.VITE_WXEDGE;
let login;

/** `{ token, openid, expires_in, … }` of this user. */
export function session() {
  login ??= logIn().catch((error) => {
    login = undefined;
    throw error;
  });
  return login;
}

/** The phone number that the code of the phone button stands for. */
export async function phoneNumber(code) {
  const { token } = await session();
  return send(phoneRequest(base, { token, code }));
}

async function logIn() {
  await ready();
  const { code } = await uni.login();
  return send(loginRequest(base, { code }));
}

// One login for all who ask at once; after a failure the next one tries again.
import Taro from '@tarojs/taro';
import { loginRequest, phoneRequest, send } from 'wxedge/weixin';

import { loaded } from './launch.js';

const base = process.env.TARO_APP_WXEDGE;
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
  await loaded();
  const { code } = await Taro.login();
  return send(loginRequest(base, { code }));
}

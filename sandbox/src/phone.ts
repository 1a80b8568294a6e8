import type { App } from './apps.ts';
import type { Endpoint } from './endpoint.ts';
import { jsonBody, text } from './body.ts';
import { WechatError } from './errors.ts';
import type { User } from './users.ts';

/** Source: getPhoneNumber and checkEncryptedMsg, WeChat server API. */
export const phoneEndpoints: Endpoint[] = [
  {
    path: '/wxa/business/getuserphonenumber',
    method: 'POST',
    needs: 'mini_program',
    answer({ body }, world, app) {
      const json = jsonBody(body);
      const openid = text(json, 'openid');
      const code = world.codes.find(text(json, 'code') ?? '', 'phone');
      if (!code || code.used) throw new WechatError(40029);
      if (code.appid !== app.appid) throw new WechatError(40013);
      const user = world.users.obtain(code.user);
      // A code that is refused for its owner is not spent: the true owner can still use it.
      if (openid !== undefined && openid !== world.users.openid(app, user)) throw new WechatError(40003);
      code.used = true;
      return { errcode: 0, errmsg: 'ok', phone_info: phoneInfo(app, user, Math.floor(code.madeAt / 1000)) };
    },
  },
  {
    path: '/wxa/business/checkencryptedmsg',
    method: 'POST',
    needs: 'mini_program',
    answer({ body }, world, app) {
      const hash = text(jsonBody(body), 'encrypted_msg_hash');
      if (hash === undefined || !/^[0-9a-f]{64}$/.test(hash)) throw new WechatError(40097);
      const createTime = world.encryptedMessages.find(app, hash);
      if (createTime === undefined) throw new WechatError(1);
      // The misspelling is the platform's.
      return { errcode: 0, errmsg: 'ok', vaild: true, create_time: createTime };
    },
  },
];

/** A user's phone number as getPhoneNumber and the client's encryptedData carry it. */
export function phoneInfo(app: App, user: User, timestamp: number): Record<string, unknown> {
  const overseas = user.country_code !== '86';
  return {
    phoneNumber: overseas ? `+${user.country_code}${user.phone}` : user.phone,
    purePhoneNumber: user.phone,
    countryCode: user.country_code_as_number ? Number(user.country_code) : user.country_code,
    watermark: { timestamp, appid: app.appid },
  };
}

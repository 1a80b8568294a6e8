import { type Body, object, text } from './body.ts';
import { describedEndpoint } from './described.ts';
import type { Endpoint } from './endpoint.ts';
import { WechatError } from './errors.ts';
import { type Keyword, keyOf } from './template-library.ts';
import { fits } from './template-values.ts';

/** Source: sendMessage of 订阅消息 (subscription messages), WeChat server API. */
export const subscribeEndpoints: Endpoint[] = [
  describedEndpoint('/cgi-bin/message/subscribe/send', ({ json }, world, app) => {
    const openid = text(json, 'touser') ?? '';
    const user = world.users.byOpenid(app, openid);
    if (!user) throw new WechatError(40003);
    const template = world.templates.find(app, text(json, 'template_id') ?? '');
    if (!template) throw new WechatError(40037);
    checkData(template.keywords, object(json, 'data') ?? {});
    world.quotas.check(app.appid, 'subscribe_messages_daily');
    if (!world.permissions.spend(app, user, template)) throw new WechatError(43101);
    world.quotas.take(app.appid, 'subscribe_messages_daily');
    const msgid = world.messages.add('subscribe', app, user, openid, json);
    return { errcode: 0, errmsg: 'ok', msgid };
  }),
];

/** A value for each keyword of the template, as its kind wants it. Throws 47003. */
function checkData(keywords: Keyword[], data: Body): void {
  for (const keyword of keywords) {
    const key = keyOf(keyword);
    const value = text(object(data, key) ?? {}, 'value') ?? '';
    if (value === '') throw new WechatError(47003, `argument invalid! data.${key}.value is empty`);
    if (!fits(keyword, value)) throw new WechatError(47003, `argument invalid! data.${key}.value invalid`);
  }
}

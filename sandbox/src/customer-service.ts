import type { App } from './apps.ts';
import { type Body, object, text } from './body.ts';
import { describedEndpoint } from './described.ts';
import type { Endpoint } from './endpoint.ts';
import { WechatError } from './errors.ts';
import { CUSTOMER_TEXT_BYTES } from './limits.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

/** Source: sendCustomMessage and typing of 客服消息 (customer-service messages), WeChat server API. */
export const customerServiceEndpoints: Endpoint[] = [
  describedEndpoint('/cgi-bin/message/custom/send', ({ json }, world, app) => {
    const openid = text(json, 'touser') ?? '';
    const user = receiver(world, app, openid);
    checkMessage(world, app, json);
    world.conversations.answer(app, user);
    world.messages.add('customer_service', app, user, openid, json);
    return { errcode: 0, errmsg: 'ok' };
  }),
  describedEndpoint('/cgi-bin/message/custom/business/typing', ({ json }, world, app) => {
    const user = receiver(world, app, text(json, 'touser') ?? '');
    const command = text(json, 'command') ?? '';
    if (command !== 'Typing' && command !== 'CancelTyping') throw new WechatError(45072);
    world.conversations.type(app, user, command === 'Typing');
    return { errcode: 0, errmsg: 'ok' };
  }),
];

function receiver(world: World, app: App, openid: string): User {
  const user = world.users.byOpenid(app, openid);
  if (!user) throw new WechatError(40003);
  return user;
}

/** The four kinds of message that a mini program may send. Throws 40007, 40008, 44004 or 45002. */
function checkMessage(world: World, app: App, json: Body): void {
  const type = text(json, 'msgtype') ?? '';
  const content = object(json, type);
  if (!['text', 'image', 'link', 'miniprogrampage'].includes(type)) throw new WechatError(40008);
  if (!content) throw new WechatError(44004);
  if (type === 'text') checkText(text(content, 'content') ?? '');
  if (type === 'image') checkMedium(world, app, text(content, 'media_id'));
  if (type === 'miniprogrampage') checkMedium(world, app, text(content, 'thumb_media_id'));
}

function checkText(content: string): void {
  if (content === '') throw new WechatError(44004);
  if (Buffer.byteLength(content) > CUSTOMER_TEXT_BYTES) throw new WechatError(45002);
}

function checkMedium(world: World, app: App, id: string | undefined): void {
  if (!world.media.find(app, id ?? '')) throw new WechatError(40007);
}

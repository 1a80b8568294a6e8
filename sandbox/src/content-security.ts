import { text } from './body.ts';
import { describedEndpoint, describedReply } from './described.ts';
import type { Endpoint } from './endpoint.ts';
import { WechatError } from './errors.ts';

/** The sample of the documentation, and words of our own, that stand for content which is not let through. */
const RISKY = ['特3456书yuuo莞6543李zxcz蒜7782法fgnv级', 'sandbox-risky'];
const REVIEW = ['sandbox-review'];

const PASS = { suggest: 'pass', label: 100 };

/** Source: msgSecCheck and imgSecCheck, WeChat server API. */
export const contentSecurityEndpoints: Endpoint[] = [
  describedEndpoint('/wxa/msg_sec_check', (given, _world, app) => {
    const { trace_id } = describedReply('/wxa/msg_sec_check', given, app);
    const result = verdict(text(given.json, 'content') ?? '');
    const detail = [{ strategy: 'content_model', errcode: 0, ...result, prob: 90 }];
    return { errcode: 0, errmsg: 'ok', result, detail, trace_id };
  }),
  describedEndpoint('/wxa/img_sec_check', ({ parts }) => {
    if (parts.some(({ bytes }) => RISKY.some((word) => bytes.includes(word)))) throw new WechatError(87014);
    return { errcode: 0, errmsg: 'ok' };
  }),
];

function verdict(content: string): { suggest: string; label: number } {
  if (RISKY.some((word) => content.includes(word))) return { suggest: 'risky', label: 20001 };
  return REVIEW.some((word) => content.includes(word)) ? { suggest: 'review', label: 20001 } : PASS;
}

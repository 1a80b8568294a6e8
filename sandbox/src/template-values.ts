import type { Keyword, ValueRule } from './template-library.ts';

const HANZI = '\\u4e00-\\u9fff';
const DAY = String.raw`\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?`;
const CLOCK = String.raw`\d{1,2}:\d{2}(?::\d{2})?`;

// Source: 订阅消息参数值内容限制 (limits of the values), sendMessage, WeChat server API.
const RULES: Record<Exclude<ValueRule, 'name' | 'enum'>, RegExp> = {
  thing: /^.{1,20}$/su,
  number: /^(?=.{1,32}$)\d+(?:\.\d+)?$/,
  letter: /^[A-Za-z]{1,32}$/,
  symbol: new RegExp(`^[^\\dA-Za-z\\s${HANZI}]{1,5}$`, 'u'),
  character_string: /^[\x20-\x7e]{1,32}$/,
  time: range(`(?:${DAY} ?)?${CLOCK}`),
  date: range(`${DAY}(?: ?${CLOCK})?`),
  amount: /^\p{Sc}?\d{1,10}(?:\.\d+)?元?$/u,
  phone_number: /^[^A-Za-z\u4e00-\u9fff]{1,17}$/,
  car_number: new RegExp(`^(?=.{1,8}$)[${HANZI}]?[A-Za-z\\d]+[${HANZI}]?$`),
  phrase: new RegExp(`^[${HANZI}]{1,5}$`),
};

/** Whether a value may stand for that keyword. */
export function fits({ rule, values }: Keyword, value: string): boolean {
  if (value === '' || /\p{Cc}/u.test(value)) return false;
  switch (rule) {
    case 'enum':
      return values?.includes(value) ?? true;
    case 'name':
      return [...value].length <= (new RegExp(`[${HANZI}]`).test(value) ? 10 : 20) && !/\d/.test(value);
    default:
      return RULES[rule].test(value);
  }
}

/** One point in time, or two with `~` between; the second may leave out the day. */
function range(point: string): RegExp {
  return new RegExp(`^${point}(?:~(?:${point}|${CLOCK}))?$`);
}

import { wrongParameter } from './errors.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * The address that a notification is to go to: https, and no query. Http goes to this machine, where the merchant's server
 * is tried out.
 */
export function notifyUrl(field: string, text: string): string {
  const url = URL.parse(text);
  const isSecure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (!isSecure || /[?#]/.test(text)) throw wrongParameter(field, text, '通知地址必须为https的完整地址，不能携带参数');
  return text;
}

import { ControlError } from './errors.ts';
import type { Format } from './push-format.ts';
import { parseUrl } from './url.ts';

export type Mode = 'plain' | 'compatible' | 'secure';

/** What the console keeps of an account: where its pushes go, and how. */
export type PushSettings = {
  url: string;
  token: string;
  /** 43 letters and digits; needed by all modes but `plain`. */
  encoding_aes_key: string;
  mode: Mode;
  format: Format;
  /** The account's original id: `ToUserName`. */
  to_user_name: string;
  /** How long the waits before a repeat are, in parts of WeChat's. */
  time_factor: number;
};

/** Settings with what is usual where nothing is given. Throws a ControlError that names the one that is none. */
export function pushSettings(given: Partial<PushSettings> & { url: string }): PushSettings {
  const settings: PushSettings = {
    token: 'sandboxpushtoken',
    encoding_aes_key: '',
    mode: given.encoding_aes_key ? 'secure' : 'plain',
    format: 'json',
    to_user_name: 'gh_0123456789ab',
    time_factor: 1,
    ...given,
  };
  check(settings);
  return settings;
}

function check({ url, token, mode, format, encoding_aes_key: key, time_factor: factor }: PushSettings): void {
  if (!/^https?:$/.test(parseUrl(url)?.protocol ?? '')) throw new ControlError('url: an http or https address');
  if (!/^[A-Za-z0-9]{3,32}$/.test(token)) throw new ControlError('token: 3 to 32 letters and digits');
  if (!['plain', 'compatible', 'secure'].includes(mode)) throw new ControlError('mode: plain, compatible or secure');
  if (!['json', 'xml'].includes(format)) throw new ControlError('format: json or xml');
  if (!/^[A-Za-z0-9]{43}$/.test(key) && (mode !== 'plain' || key !== '')) throw new ControlError('encoding_aes_key: 43 letters and digits');
  if (!(factor >= 0 && factor <= 1)) throw new ControlError('time_factor: from 0 to 1');
}

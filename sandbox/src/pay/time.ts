const FORM = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})$/;
const BEIJING_MS = 8 * 3_600_000;

/** Unix milliseconds of RFC 3339 text; undefined when it is none. */
export function parseTime(text: string): number | undefined {
  const ms = FORM.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** RFC 3339 in Beijing time, to the second, as WeChat Pay writes it. */
export function beijingTime(ms: number): string {
  return `${new Date(ms + BEIJING_MS).toISOString().slice(0, 19)}+08:00`;
}

/** The digits of a moment in Beijing: `YYYYMMDDHHmmss`. */
export function beijingDigits(ms: number): string {
  return beijingTime(ms).slice(0, 19).replace(/\D/g, '');
}

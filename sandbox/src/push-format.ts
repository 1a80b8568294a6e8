import type { Body } from './body.ts';

export type Format = 'json' | 'xml';

/** A message as it is pushed. */
export function write(message: Body, format: Format): string {
  return format === 'json' ? JSON.stringify(jsonShape(message)) : `<xml>${elements(xmlShape(message))}</xml>`;
}

/** In JSON a list of subscriptions with one entry is that entry. */
function jsonShape(message: Body): Body {
  const list = message['List'];
  return Array.isArray(list) && list.length === 1 ? { ...message, List: list[0] as unknown } : message;
}

/** In XML it stands inside an element that is named after the event. */
function xmlShape(message: Body): Body {
  const { List: list, ...rest } = message;
  if (!Array.isArray(list)) return message;
  const name = String(message['Event']).replaceAll(/(?:^|_)(\w)/g, (_match, first: string) => first.toUpperCase());
  return { ...rest, [name]: { List: list as unknown } };
}

function elements(fields: Body): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one: unknown) => `<${name}>${content(one)}</${name}>`))
    .join('');
}

function content(value: unknown): string {
  if (typeof value === 'object' && value !== null) return elements(value as Body);
  if (typeof value === 'number') return String(value);
  return `<![CDATA[${String(value).replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}

/** The fields at the top of an answer in either format; undefined when it is neither. */
export function readAnswer(text: string): Body | undefined {
  if (text.trimStart().startsWith('<')) return readXml(text);
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
  } catch {
    return undefined;
  }
}

/** Answers are flat; one inside another stays as its text. */
function readXml(text: string): Body | undefined {
  const inside = /^\s*<xml>([^]*)<\/xml>\s*$/.exec(text)?.[1];
  if (inside === undefined) return undefined;
  const fields = inside.matchAll(/<([A-Za-z_]\w*)>(?:<!\[CDATA\[([^]*?)\]\]>|([^]*?))<\/\1>/g);
  return Object.fromEntries([...fields].map(([, name = '', cdata, plain]) => [name, cdata ?? plain ?? '']));
}

import { number, text } from './body.ts';
import { describedEndpoint } from './described.ts';
import type { Endpoint } from './endpoint.ts';
import { WechatError } from './errors.ts';
import { SCENE_DESC_CHARACTERS, TEMPLATE_KEYWORDS, TITLES_AT_ONCE } from './limits.ts';
import { characters } from './link-rules.ts';
import { CATEGORIES, type Keyword, keyOf, PUBLIC_TEMPLATES, type PublicTemplate } from './template-library.ts';
import type { Template } from './templates.ts';

/** Source: 订阅消息 (subscription messages), WeChat server API. */
export const templateEndpoints: Endpoint[] = [
  describedEndpoint('/wxaapi/newtmpl/getcategory', () => ({ errcode: 0, errmsg: 'ok', data: CATEGORIES })),
  describedEndpoint('/wxaapi/newtmpl/getpubtemplatetitles', ({ query }) => {
    const found = templatesOf(query.get('ids') ?? '');
    const start = whole(query.get('start'), 0, Infinity, 200016);
    const limit = whole(query.get('limit'), 1, TITLES_AT_ONCE, 200017);
    const data = found.slice(start, start + limit);
    return {
      errcode: 0,
      errmsg: 'ok',
      count: found.length,
      data: data.map(({ tid, title, type, categoryId }) => ({ tid, title, type, categoryId: String(categoryId) })),
    };
  }),
  describedEndpoint('/wxaapi/newtmpl/getpubtemplatekeywords', ({ query }) => {
    const { keywords } = publicTemplate(query.get('tid') ?? undefined);
    return {
      errcode: 0,
      errmsg: 'ok',
      count: keywords.length,
      data: keywords.map(({ kid, name, example, rule }) => ({ kid, name, example, rule })),
    };
  }),
  describedEndpoint('/wxaapi/newtmpl/addtemplate', ({ json }, world, app) => {
    const { title, type, keywords } = publicTemplate(text(json, 'tid'));
    const chosen = chosenKeywords(keywords, json['kidList']);
    if (characters(text(json, 'sceneDesc') ?? '') > SCENE_DESC_CHARACTERS) throw new WechatError(200021);
    const { priTmplId } = world.templates.add(app, { title, type, keywords: chosen });
    return { errcode: 0, errmsg: 'ok', priTmplId };
  }),
  describedEndpoint('/wxaapi/newtmpl/gettemplate', (_given, world, app) => ({
    errcode: 0,
    errmsg: 'ok',
    data: world.templates.list(app).map(described),
  })),
  describedEndpoint('/wxaapi/newtmpl/deltemplate', ({ json }, world, app) => {
    world.templates.remove(app, text(json, 'priTmplId') ?? '');
    return { errcode: 0, errmsg: 'ok' };
  }),
];

function templatesOf(ids: string): PublicTemplate[] {
  if (ids === '') throw new WechatError(200018);
  const wanted = ids.split(',').map(Number);
  if (!wanted.every((id) => CATEGORIES.some((category) => category.id === id))) throw new WechatError(200019);
  return PUBLIC_TEMPLATES.filter(({ categoryId }) => wanted.includes(categoryId));
}

function whole(given: string | null, min: number, max: number, errcode: number): number {
  const value = Number(given ?? '');
  if (given === null || !Number.isInteger(value) || value < min || value > max) throw new WechatError(errcode);
  return value;
}

function publicTemplate(tid: string | undefined): PublicTemplate {
  const template = PUBLIC_TEMPLATES.find((candidate) => String(candidate.tid) === tid);
  if (!template) throw new WechatError(200014);
  return template;
}

/** The keywords of these numbers, in that order. Throws 200020. */
function chosenKeywords(keywords: Keyword[], kids: unknown): Keyword[] {
  const numbers: unknown[] = Array.isArray(kids) ? kids : [];
  const chosen = numbers.flatMap((kid) => keywords.filter((keyword) => keyword.kid === number({ kid }, 'kid')));
  const { min, max } = TEMPLATE_KEYWORDS;
  const areDifferent = new Set(numbers).size === numbers.length;
  if (chosen.length !== numbers.length || !areDifferent || chosen.length < min || chosen.length > max) {
    throw new WechatError(200020);
  }
  return chosen;
}

function described({ priTmplId, title, type, keywords }: Template): Record<string, unknown> {
  const lines = (value: (keyword: Keyword) => string): string => keywords.map((keyword) => `${keyword.name}:${value(keyword)}\n`).join('');
  const keywordEnumValueList = keywords
    .filter(({ values }) => values)
    .map((keyword) => ({ keywordCode: `${keyOf(keyword)}.DATA`, enumValueList: keyword.values }));
  return {
    priTmplId,
    title,
    content: lines((keyword) => `{{${keyOf(keyword)}.DATA}}`),
    example: lines(({ example }) => example),
    type,
    ...(keywordEnumValueList.length === 0 ? {} : { keywordEnumValueList }),
  };
}

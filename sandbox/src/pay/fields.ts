import { wrongParameter } from './errors.ts';

type Text = { type: 'string'; min?: number; max: number; form?: RegExp; one?: readonly string[] };
type Whole = { type: 'integer'; min: number };
type Flag = { type: 'boolean' };
type Group = { type: 'object'; fields: Fields };
type List = { type: 'array'; of: Text | Group };
type Rule = (Text | Whole | Flag | Group | List) & { required?: boolean };

/** The fields of a body, each with its documented type and lengths, counted in characters. */
export type Fields = Record<string, Rule>;

export type Json = Record<string, unknown>;

/**
 * The JSON object of a request body. Throws a PayError that names the field and the rule: a wrong type or length, `null`,
 * a field that is not documented, a character over U+FFFF. Source: 接口规则 (interface rules).
 */
export function checkedBody(bytes: Buffer, fields: Fields): Json {
  const body = parse(bytes);
  checkGroup(body, fields, '/body');
  return body;
}

function parse(bytes: Buffer): Json {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // Answered below, as a body of another shape is.
  }
  throw wrongParameter('/body', '', '请求体不是合法的JSON对象');
}

function checkGroup(group: Json, fields: Fields, at: string): void {
  for (const [name, value] of Object.entries(group)) {
    const rule = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!rule) throw wrongParameter(`${at}/${name}`, '', `请求中含有未在API文档中定义的参数“${at}/${name}”`);
    checkValue(value, rule, `${at}/${name}`);
  }
  for (const [name, rule] of Object.entries(fields)) {
    if (rule.required && !Object.hasOwn(group, name)) {
      throw wrongParameter(`${at}/${name}`, '', `输入源“${at}/${name}”必填性规则校验失败，此字段为必填项`);
    }
  }
}

function checkValue(value: unknown, rule: Rule, at: string): void {
  switch (rule.type) {
    case 'string':
      return checkText(value, rule, at);
    case 'integer':
      if (!Number.isSafeInteger(value)) throw wrongType(at, value, '整型');
      if ((value as number) < rule.min) throw wrongParameter(at, value, `输入源“${at}”数值规则校验失败，值低于最小值 ${rule.min}`);
      return;
    case 'boolean':
      if (typeof value !== 'boolean') throw wrongType(at, value, '布尔');
      return;
    case 'object':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(at, value, '对象');
      return checkGroup(value as Json, rule.fields, at);
    case 'array':
      if (!Array.isArray(value)) throw wrongType(at, value, '数组');
      value.forEach((entry, index) => checkValue(entry, rule.of, `${at}/${index}`));
  }
}

function checkText(value: unknown, { min = 1, max, form, one }: Text, at: string): void {
  if (typeof value !== 'string') throw wrongType(at, value, '字符串');
  const characters = [...value];
  if (characters.some((character) => character.length > 1 || /\p{Surrogate}/u.test(character))) {
    throw wrongParameter(at, '', `输入源“${at}”字符集规则校验失败，只支持UTF-8中1到3个字节的字符`);
  }
  if (characters.length < min)
    throw wrongParameter(at, value, `输入源“${at}”字符串规则校验失败，字符数 ${characters.length}，小于最小值 ${min}`);
  if (characters.length > max)
    throw wrongParameter(at, value, `输入源“${at}”字符串规则校验失败，字符数 ${characters.length}，大于最大值 ${max}`);
  if (form && !form.test(value)) throw wrongParameter(at, value, `输入源“${at}”字符串规则校验失败，格式不符`);
  if (one && !one.includes(value)) throw wrongParameter(at, value, `输入源“${at}”枚举规则校验失败，可选值 ${one.join('、')}`);
}

function wrongType(at: string, value: unknown, wanted: string): Error {
  return wrongParameter(at, value, `输入源“${at}”类型校验失败，类型应为${wanted}`);
}

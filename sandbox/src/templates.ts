import type { App } from './apps.ts';
import { stableText } from './crypto.ts';
import { ControlError, WechatError } from './errors.ts';
import { MAX_TEMPLATES } from './limits.ts';
import { type Keyword, keyOf, type ValueRule } from './template-library.ts';

/** A template that an account has selected. */
export type Template = { priTmplId: string; title: string; type: 2 | 3; keywords: Keyword[] };

const ID_CHARACTERS = 43;

/** The selected templates of all apps. */
export class Templates {
  #templates = new Map<string, Template[]>();

  /** Selects one. Its id is always the same for the same keywords. Throws 200012 or 200022. */
  add(app: App, { title, type, keywords }: Omit<Template, 'priTmplId'>): Template {
    const priTmplId = stableText(ID_CHARACTERS, 'template', app.appid, title, ...keywords.map(keyOf));
    if (this.find(app, priTmplId)) throw new WechatError(200022);
    const template = { priTmplId, title, type, keywords };
    this.put(app, template);
    return template;
  }

  /** Selects one under an id of its own, in the place of the one that has it. Throws 200012. */
  put(app: App, template: Template): void {
    const others = this.list(app).filter(({ priTmplId }) => priTmplId !== template.priTmplId);
    if (others.length >= MAX_TEMPLATES) throw new WechatError(200012);
    this.#templates.set(app.appid, [...others, template]);
  }

  /** Throws 200014. */
  remove(app: App, priTmplId: string): void {
    if (!this.find(app, priTmplId)) throw new WechatError(200014);
    this.#templates.set(
      app.appid,
      this.list(app).filter((template) => template.priTmplId !== priTmplId),
    );
  }

  find(app: App, priTmplId: string): Template | undefined {
    return this.list(app).find((template) => template.priTmplId === priTmplId);
  }

  list(app: App): Template[] {
    return this.#templates.get(app.appid) ?? [];
  }

  reset(): void {
    this.#templates.clear();
  }
}

const RULE_OF_KEY = /^(thing|number|letter|symbol|character_string|time|date|amount|phone_number|car_number|name|phrase|enum)(\d{1,3})$/;

/** The keyword of a key such as `thing1`, of a template that was selected elsewhere. */
export function keywordOf(key: string): Keyword {
  const [, rule, kid] = RULE_OF_KEY.exec(key) ?? [];
  if (rule === undefined) throw new ControlError(`keys: ${JSON.stringify(key)} is no key such as thing1 or date2`);
  return { kid: Number(kid), name: key, example: key, rule: rule as ValueRule };
}

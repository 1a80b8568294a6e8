// A page as Taro's templates show it: its markup is the same for all, and what is on the screen is a tree in its data.
import { Screen } from './phone.ts';

/** A node of the tree, under the short names that Taro gives its fields. */
type Node = { sid?: string; v?: string; cn?: Node[] };

export class TaroScreen extends Screen {
  override get text(): string {
    return textOf(this.page.data.root).replace(/\s+/g, ' ').trim();
  }

  override fire(event: string, label: string, detail: object = {}): unknown {
    const element = buttonWith(label, this.page.data.root);
    if (!element) throw new Error(`there is no "${label}" in ${this.text}`);
    const target = { id: element.sid, dataset: { sid: element.sid } };
    return this.page.eh({ type: event, detail, target, currentTarget: target, timeStamp: Date.now() });
  }
}

function textOf({ v = '', cn = [] }: Node): string {
  return [v, ...cn.map(textOf)].join(' ');
}

/** The innermost element with this text that can be named in an event. */
function buttonWith(label: string, node: Node): Node | undefined {
  const inner = (node.cn ?? []).map((child) => buttonWith(label, child)).find(Boolean);
  const own = node.cn?.some((child) => child.v === label);
  return inner ?? (own ? node : undefined);
}

// The sandbox as WeChat for both Workers: a process of its own, each of whose answers comes after a fixed delay.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Sandbox } from '../../../sandbox/src/sandbox.ts';

type Methods = { [Name in keyof Sandbox as Sandbox[Name] extends (...args: never[]) => unknown ? Name : never]: Sandbox[Name] };
type Arguments<Name extends keyof Methods> = Methods[Name] extends (...args: infer Args) => unknown ? Args : never;
type Result<Name extends keyof Methods> = Methods[Name] extends (...args: never[]) => infer Value ? Value : never;

export class WeChat {
  readonly url: string;
  #child: ChildProcess;

  /** Starts it; every answer comes `delay` milliseconds late. No quota is ever used up. */
  static async start(delay: number): Promise<WeChat> {
    const child = fork(fileURLToPath(new URL('process.ts', import.meta.url)), { serialization: 'advanced' });
    const [url] = (await once(child, 'message')) as [string];
    const wechat = new WeChat(url, child);
    const [quotas] = await wechat.each('quotas', [[{}]]);
    await wechat.each(
      'setQuota',
      (quotas as { name: string }[]).map(({ name }) => [{ name, limit: 1_000_000_000 }]),
    );
    await wechat.each('addFault', [[{ kind: 'delay', ms: delay, times: 0 }]]);
    return wechat;
  }

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Calls a method of the sandbox's control once for each list of arguments. */
  async each<Name extends keyof Methods>(method: Name, calls: Arguments<Name>[]): Promise<Result<Name>[]> {
    this.#child.send([method, calls]);
    const [results] = (await once(this.#child, 'message')) as [Result<Name>[]];
    return results;
  }

  /** How often it was called since the start. */
  async calls(): Promise<number> {
    const [report] = await this.each('calls', [[{ last: 0 }]]);
    return report?.total ?? 0;
  }

  close(): void {
    this.#child.disconnect();
  }
}

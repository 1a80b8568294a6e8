import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ControlRoute } from '../control-routes.ts';
import type { World } from '../world.ts';
import { PayControl } from './control.ts';
import { payRoutes } from './control-routes.ts';
import { ENDPOINTS } from './router.ts';
import { payServer } from './server.ts';
import { PayWorld } from './world.ts';

/** A stand-in for api.mch.weixin.qq.com: its server and its control functions. */
export class Pay {
  readonly control: PayControl;
  #world: PayWorld;
  #server: Server;
  #host: string;

  static async make(wechat: World, host: string): Promise<Pay> {
    return new Pay(await PayWorld.make(wechat), host);
  }

  constructor(world: PayWorld, host: string) {
    this.#world = world;
    this.#host = host;
    this.#server = payServer(world, host);
    this.control = new PayControl(world, () => this.#url());
  }

  get routes(): ControlRoute[] {
    return payRoutes(this.control);
  }

  endpoints(): { method: string; path: string }[] {
    return ENDPOINTS.map(({ method, path }) => ({ method, path }));
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, this.#host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  reset(): void {
    this.#world.reset();
  }

  /** Stops listening and telling, and ends every connection. */
  close(): Promise<void> {
    this.#world.stop();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://${this.#host.includes(':') ? `[${this.#host}]` : this.#host}:${port}`;
  }
}

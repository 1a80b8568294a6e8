import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Calls } from './calls.ts';
import { WECHAT_HOST } from './callers.ts';
import type { Certificate } from './certificate.ts';
import { Clock } from './clock.ts';
import { Control } from './control.ts';
import { controlRoutes } from './control-routes.ts';
import { ControlError } from './errors.ts';
import { Faults } from './faults.ts';
import type { PayControl } from './pay/control.ts';
import { Pay } from './pay/pay.ts';
import { Platform } from './platform.ts';
import { sandboxServer } from './server.ts';
import { World } from './world.ts';

export type SandboxOptions = {
  /** Default 0: any free port. */
  port?: number;
  /** WeChat Pay, too, on a port of its own, always in plain http; 0: any free port. Default: it is not there. */
  payPort?: number;
  /** Default `127.0.0.1`. Never an address that others can reach. */
  host?: string;
  /** Unix milliseconds; default the real time. */
  now?: () => number;
  /** A user whom every login code stands for that was not minted here, such as the mock ones of the developer tools. */
  anyCodeUser?: string;
  /** Speaks https, under a certificate that it makes: for SDKs that call https://api.weixin.qq.com and nothing else. */
  https?: boolean;
};

/** Starts a stand-in for api.weixin.qq.com. Rejects with EADDRINUSE when a port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, payPort, host = '127.0.0.1', now = Date.now, anyCodeUser, https = false } = options;
  const certificate = https ? await certificateFor(host) : undefined;
  const world = new World(new Clock(now), anyCodeUser);
  const pay = payPort === undefined ? undefined : await Pay.make(world, host);
  const sandbox = new Sandbox(world, host, certificate, pay);
  await pay?.listen(payPort ?? 0);
  await sandbox.listen(port).catch(async (error: unknown) => {
    await pay?.close();
    throw error;
  });
  return sandbox;
}

async function certificateFor(host: string): Promise<Certificate> {
  // Loaded where it is needed: what makes certificates is most of what the sandbox would load.
  const { selfSigned } = await import('./certificate.ts');
  return selfSigned([...new Set([WECHAT_HOST, 'localhost', '127.0.0.1', '::1', host])]);
}

/** A sandbox: its address, and every control function as a method. */
export class Sandbox extends Control {
  #server: Server;
  #world: World;
  #host: string;
  #pay: Pay | undefined;
  /** With https, what a client must trust to call it: PEM. */
  readonly certificate: string | undefined;

  constructor(world: World, host: string, certificate?: Certificate, pay?: Pay) {
    const calls = new Calls(world.clock);
    const faults = new Faults();
    const platform = new Platform(world, calls);
    super(world, faults, calls, platform);
    this.#server = sandboxServer({ platform, faults, calls, routes: controlRoutes(this, platform, pay), host, certificate });
    this.#world = world;
    this.#host = host;
    this.#pay = pay;
    this.certificate = certificate?.cert;
  }

  /** Every control function of WeChat Pay. Throws where it was started without `payPort`. */
  get pay(): PayControl {
    if (!this.#pay) throw new ControlError('WeChat Pay is not there: start the sandbox with payPort, or --pay-port', 409);
    return this.#pay.control;
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What to set as `WECHAT_API_BASE`: no slash at the end. */
  get url(): string {
    return `${this.certificate === undefined ? 'http' : 'https'}://${this.#host.includes(':') ? `[${this.#host}]` : this.#host}:${this.port}`;
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

  /** Puts all back as it was at the start: state, faults, calls and clock. */
  override reset(): { reset: true } {
    this.#pay?.reset();
    return super.reset();
  }

  /** Stops listening and pushing, and ends every connection, hanging ones included. */
  async close(): Promise<void> {
    this.#world.pushes.reset();
    await this.#pay?.close();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

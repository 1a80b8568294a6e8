import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Calls } from './calls.ts';
import { WECHAT_HOST } from './callers.ts';
import type { Certificate } from './certificate.ts';
import { Clock } from './clock.ts';
import { Control } from './control.ts';
import { controlRoutes } from './control-routes.ts';
import { Faults } from './faults.ts';
import { Platform } from './platform.ts';
import { sandboxServer } from './server.ts';
import { World } from './world.ts';

export type SandboxOptions = {
  /** Default 0: any free port. */
  port?: number;
  /** Default `127.0.0.1`. Never an address that others can reach. */
  host?: string;
  /** Unix milliseconds; default the real time. */
  now?: () => number;
  /** A user whom every login code stands for that was not minted here, such as the mock ones of the developer tools. */
  anyCodeUser?: string;
  /** Speaks https, under a certificate that it makes: for SDKs that call https://api.weixin.qq.com and nothing else. */
  https?: boolean;
};

/** Starts a stand-in for api.weixin.qq.com. Rejects with EADDRINUSE when the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, host = '127.0.0.1', now = Date.now, anyCodeUser, https = false } = options;
  const certificate = https ? await certificateFor(host) : undefined;
  const sandbox = new Sandbox(now, host, anyCodeUser, certificate);
  await sandbox.listen(port);
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
  /** With https, what a client must trust to call it: PEM. */
  readonly certificate: string | undefined;

  constructor(now: () => number, host: string, anyCodeUser?: string, certificate?: Certificate) {
    const clock = new Clock(now);
    const world = new World(clock, anyCodeUser);
    const calls = new Calls(clock);
    const faults = new Faults();
    const platform = new Platform(world, calls);
    super(world, faults, calls, platform);
    this.#server = sandboxServer({ platform, faults, calls, routes: controlRoutes(this, platform), host, certificate });
    this.#world = world;
    this.#host = host;
    this.certificate = certificate?.cert;
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

  /** Stops listening and pushing, and ends every connection, hanging ones included. */
  close(): Promise<void> {
    this.#world.pushes.reset();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

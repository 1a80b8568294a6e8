// A browser, and folders served to it.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

import { findChromium } from '../../scripts/chromium.mjs';

const SCREENSHOTS = fileURLToPath(new URL('../results/screenshots', import.meta.url));
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A browser for a test file, closed after its tests. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: await findChromium(), args: QUIET });
  after(() => browser.close());
  return browser;
}

/** Where Vite serves a project: the first of these that is free. */
export const VITE_PORTS = [5173, 5174, 5175, 5176, 5177];

/** A folder on loopback, for a test file, at the first of the ports that is free. Gives its origin. */
export async function serveFolder(folder: string, ports: number[] = [0]): Promise<string> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(await readFile(file));
  });
  await listen(server, ports);
  after(() => new Promise((closed) => server.close(closed)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function listen(server: Server, [port, ...others]: number[]): Promise<void> {
  const listening = once(server, 'listening');
  server.listen(port, '127.0.0.1');
  await listening.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' || others.length === 0) throw error;
    return listen(server, others);
  });
}

/** Keeps a picture of the page, for a person to look at, and gives how far it is wider than its window. */
export async function look(page: Page, name: string, looks: { width: number; dark: boolean }): Promise<number> {
  await page.setViewportSize({ width: looks.width, height: 700 });
  await page.emulateMedia({ colorScheme: looks.dark ? 'dark' : 'light' });
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}-${looks.width}-${looks.dark ? 'dark' : 'light'}.png`) });
  return page.evaluate('document.documentElement.scrollWidth - window.innerWidth') as Promise<number>;
}

/** Where a page goes that no browser can follow. */
export async function schemeOf(page: Page, act: () => Promise<void>): Promise<string> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.enable');
  const requested = new Promise<string>((resolve) => session.once('Page.frameRequestedNavigation', ({ url }) => resolve(url)));
  await act();
  return requested;
}

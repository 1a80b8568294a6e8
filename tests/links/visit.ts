// A visit to the landing page in real Chromium, as one visitor on one device sees it.
import { mkdirSync, readFileSync } from 'node:fs';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, CDPSession, Page, Response } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.mjs';
import { flaws } from './looks.ts';

const AGENTS = new URL('../../crates/landing/tests/data/user-agents.tsv', import.meta.url);
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Every look is kept, for people to look at; git ignores them. */
const SCREENSHOTS = fileURLToPath(new URL('./screenshots/', import.meta.url));
const NARROW = 360;
const WIDE = 1280;
/** How long a tap may take to lead somewhere, in milliseconds. */
const PATIENCE = 10_000;

/** WeChat's own script, as far as the page can tell: it says what it was given, and draws the tag or refuses to. */
export type WechatScript = 'draws' | 'refuses' | 'cannot draw' | 'is missing';

export type Visitor = {
  userAgent: string;
  language?: string;
  javaScript?: boolean;
  wechat?: WechatScript;
};

/** The User-Agent that the table of the Rust tests has under that name. */
export function userAgent(what: string): string {
  const rows = readFileSync(AGENTS, 'utf8')
    .split('\n')
    .map((line) => line.split('\t'));
  const agent = rows.find((row) => row[1] === what)?.[2];
  if (agent === undefined) throw new Error(`no User-Agent is called ${what}`);
  return agent;
}

/** One browser for a test file. `hosts` are names that lead to local servers, such as `{'go.example.com': worker.url}`. */
export async function landingBrowser(hosts: Record<string, string>): Promise<LandingBrowser> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const rules = Object.entries(hosts).map(([host, url]) => `MAP ${host} ${new URL(url).host}`);
  const browser = await chromium.launch({
    executablePath: await findChromium(),
    args: [...ARGS, `--host-resolver-rules=${rules.join(',')}`],
  });
  after(() => browser.close());
  return new LandingBrowser(browser);
}

export class LandingBrowser {
  #browser: Browser;

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Opens a page as this visitor, and closes it after `look`. */
  async visit(url: string, visitor: Visitor, look: (visit: Visit) => Promise<void>): Promise<void> {
    const { userAgent: agent, language = 'zh-CN', javaScript = true } = visitor;
    const context = await this.#browser.newContext({
      userAgent: agent,
      locale: language,
      viewport: { width: NARROW, height: 740 },
      javaScriptEnabled: javaScript,
    });
    try {
      await context.route('https://**', (route) => route.fulfill({ contentType: 'text/plain', body: 'elsewhere' }));
      await context.route('https://res.wx.qq.com/**', (route) => {
        const script = wechatScript(visitor.wechat ?? 'is missing');
        return script === undefined ? route.abort() : route.fulfill({ contentType: 'text/javascript', body: script });
      });
      await look(await Visit.open(context, url));
    } finally {
      await context.close();
    }
  }
}

export class Visit {
  readonly page: Page;
  response: Response;
  /** What the page broke of its policy, and every error and dialog. */
  readonly faults: string[];
  #protocol: CDPSession;

  constructor(page: Page, response: Response, faults: string[], protocol: CDPSession) {
    this.page = page;
    this.response = response;
    this.faults = faults;
    this.#protocol = protocol;
  }

  static async open(context: BrowserContext, url: string): Promise<Visit> {
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('dialog', (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      const isAnswer = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isAnswer) faults.push(message.text());
    });
    await page.exposeFunction('violated', (text: string) => faults.push(text));
    await page.addInitScript(`document.addEventListener('securitypolicyviolation',
      (event) => violated(event.violatedDirective + ' forbids ' + event.blockedURI));`);
    const protocol = await context.newCDPSession(page);
    await protocol.send('Page.enable');
    return new Visit(page, await load(page, url), faults, protocol);
  }

  async goTo(url: string): Promise<void> {
    this.response = await load(this.page, url);
  }

  door(): Promise<string | null> {
    return this.page.locator('main').getAttribute('data-door');
  }

  /** Looks at the page light and dark, narrow and wide, each with a picture, and says what is wrong with it. */
  async looks(name: string): Promise<string[]> {
    const found: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme });
      for (const width of [WIDE, NARROW]) {
        await this.page.setViewportSize({ width, height: width === WIDE ? 800 : 740 });
        const look = `${name}-${colorScheme}-${width}`;
        await this.page.screenshot({ path: `${SCREENSHOTS}${look}.png`, fullPage: true });
        found.push(...(await flaws(this.page)).map((flaw) => `${look}: ${flaw}`));
      }
    }
    return found;
  }

  /** Taps, and says which address the browser was sent to: those of apps too, which no browser loads. */
  async tap(selector: string): Promise<string> {
    const sent = new Promise<string>((resolve, reject) => {
      this.#protocol.once('Page.frameRequestedNavigation', ({ url }) => resolve(url));
      AbortSignal.timeout(PATIENCE).addEventListener('abort', () => reject(new Error(`a tap on ${selector} leads nowhere`)));
    });
    await this.page.locator(selector).click({ noWaitAfter: true });
    return sent;
  }
}

async function load(page: Page, url: string): Promise<Response> {
  const response = await page.goto(url);
  if (response === null) throw new Error(`no answer from ${url}`);
  return response;
}

function wechatScript(kind: WechatScript): string | undefined {
  const wx = (then: string) => `window.wx = {
    config(given) { window.given = given; setTimeout(() => { ${then} }); },
    error(listener) { window.refuse = listener; },
  };`;
  const draw = `const tag = document.querySelector('wx-open-launch-weapp');
    tag.attachShadow({mode: 'open'}).innerHTML = tag.querySelector('script').textContent;
    tag.dispatchEvent(new Event('ready'));`;
  switch (kind) {
    case 'draws':
      return wx(draw);
    case 'refuses':
      return wx(`window.refuse({errMsg: 'config:invalid signature'})`);
    case 'cannot draw':
      return wx(`document.dispatchEvent(new CustomEvent('WeixinOpenTagsError', {detail: {errMsg: 'too old'}}))`);
    case 'is missing':
      return undefined;
  }
}

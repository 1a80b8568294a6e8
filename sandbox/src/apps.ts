import { ControlError } from './errors.ts';
import { MAX_APPS, MAX_PAGES_PER_APP, TOKEN_OVERLAP_SECONDS } from './limits.ts';

/** An account that the sandbox knows. */
export type App = {
  appid: string;
  secret: string;
  kind: 'mini_program' | 'service_account';
  /** Shown in short links. */
  name: string;
  /** Pages of the published version. The first is the home page; none means nothing is published. */
  pages: string[];
  /** Bound to an Open Platform account, so that users have a unionid. */
  unionid: boolean;
  /** A personal account may not make schemes and links: 40002. */
  personal: boolean;
  /** Short links are open to this account: 43104 otherwise. */
  short_links: boolean;
  /** Pages that declared the plain scheme in the console. */
  plain_scheme_paths: string[];
  /** Cloud environments that a URL Link may name. */
  cloud_envs: string[];
  /** NFC models and whether each of their devices needs its own `sn`. */
  nfc_models: Record<string, { needs_sn: boolean }>;
  /** Addresses that may use the AppSecret, `a.b.c.*` included; empty: all. */
  ip_whitelist: string[];
  /** Keys that `pay_sig` is made with: of virtual payment, of B2b stores, and of both with `env` 1. */
  xpay_app_key: string;
  xpay_sandbox_app_key: string;
  b2b_app_key: string;
  b2b_sandbox_app_key: string;
  /** The console's freeze of the AppSecret: 40243. */
  secret_frozen: boolean;
  /** How long a token that was replaced still works. */
  token_overlap_seconds: number;
  /** A session_key younger than this is not replaced by a login. */
  session_key_min_seconds: number;
};

export const DEFAULT_APPID = 'wx0123456789abcdef';
export const DEFAULT_SERVICE_APPID = 'wxfedcba9876543210';

const NEW_APP: Omit<App, 'appid' | 'secret'> = {
  kind: 'mini_program',
  name: 'Sandbox',
  pages: ['pages/index/index', 'pages/detail/detail', 'pages/me/me'],
  unionid: true,
  personal: false,
  short_links: true,
  plain_scheme_paths: ['pages/index/index'],
  cloud_envs: ['sandbox-cloud'],
  nfc_models: { 'sandbox-model': { needs_sn: false }, 'sandbox-model-sn': { needs_sn: true } },
  ip_whitelist: [],
  xpay_app_key: 'xpay-app-key-of-the-sandbox',
  xpay_sandbox_app_key: 'xpay-sandbox-app-key-of-the-sandbox',
  b2b_app_key: 'b2b-app-key-of-the-sandbox',
  b2b_sandbox_app_key: 'b2b-sandbox-app-key-of-the-sandbox',
  secret_frozen: false,
  token_overlap_seconds: TOKEN_OVERLAP_SECONDS,
  session_key_min_seconds: 0,
};

/** The accounts. A new one starts with two: a mini program and a service account. */
export class Apps {
  #apps = new Map<string, App>();

  constructor() {
    this.reset();
  }

  find(appid: string): App | undefined {
    return this.#apps.get(appid);
  }

  /** The account of that appid, the default mini program when none is given. */
  get(appid: string = DEFAULT_APPID): App {
    const app = this.#apps.get(appid);
    if (!app) throw new ControlError(`no app ${appid}; POST /sandbox/apps makes one`, 404);
    return app;
  }

  list(): App[] {
    return [...this.#apps.values()];
  }

  /** Makes an account, or changes the fields that are given. */
  put(change: Partial<App> & { appid: string }): App {
    const known = this.#apps.get(change.appid);
    if (!known && this.#apps.size >= MAX_APPS) {
      throw new ControlError(`at most ${MAX_APPS} apps`);
    }
    if (!/^wx[0-9a-f]{16}$/.test(change.appid)) {
      throw new ControlError('appid: wx and 16 lower-case hex digits');
    }
    if (change.secret !== undefined && !/^[0-9a-f]{32}$/.test(change.secret)) {
      throw new ControlError('secret: 32 lower-case hex digits');
    }
    if (!known && change.secret === undefined) {
      throw new ControlError('secret: a new app needs one, 32 lower-case hex digits');
    }
    if (change.pages !== undefined) checkPages(change.pages);
    const app = { ...structuredClone(NEW_APP), secret: '', ...known, ...structuredClone(change) };
    this.#apps.set(app.appid, app);
    return app;
  }

  reset(): void {
    this.#apps.clear();
    this.put({ appid: DEFAULT_APPID, secret: '0123456789abcdef0123456789abcdef' });
    this.put({
      appid: DEFAULT_SERVICE_APPID,
      secret: 'fedcba9876543210fedcba9876543210',
      kind: 'service_account',
      name: 'Sandbox service account',
      pages: [],
    });
  }
}

/** Whether a page is in the published version. One leading slash is allowed for. */
export function isPublished(app: App, page: string): boolean {
  return app.pages.includes(page.startsWith('/') ? page.slice(1) : page);
}

function checkPages(pages: string[]): void {
  if (pages.length > MAX_PAGES_PER_APP) throw new ControlError(`pages: at most ${MAX_PAGES_PER_APP}`);
  for (const page of pages) {
    if (page === '' || page.startsWith('/') || page.includes('?')) {
      throw new ControlError(`pages: ${JSON.stringify(page)} must have no leading slash and no query`);
    }
  }
}

// A phone that runs the code package of a mini program: the runtime of WeChat with nothing that WeChat lacks.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import vm from 'node:vm';

import { wxWebAssembly } from './wx-webassembly.ts';

type Functions = Record<string, (...args: any[]) => any>;
export type Options = {
  /** What `wx.login` gives. */
  loginCode?: () => string;
  /** What the user does about `wx.requestPayment`. */
  pay?: (payment: any) => { errMsg: string };
  /** What shows a page, if not its markup by itself. */
  screen?: typeof Screen;
  /** Whether the base library has WXWebAssembly, and what its promise resolves to. */
  wasm?: 'instance' | 'both' | 'none';
};

// What node:vm gives every context, and today's oldest phones do not have; core-js, which WeChat brings, fills none of it.
const ABSENT = [
  'WebAssembly',
  'SharedArrayBuffer',
  'Atomics',
  'BigInt',
  'BigInt64Array',
  'BigUint64Array',
  'WeakRef',
  'FinalizationRegistry',
  'Iterator',
  'globalThis',
  'console',
];
const ABSENT_METHODS = {
  'String.prototype': ['at', 'replaceAll', 'isWellFormed', 'toWellFormed'],
  'Array.prototype': ['at', 'findLast', 'toSorted'],
  Object: ['hasOwn', 'groupBy'],
  Promise: ['any', 'withResolvers', 'try'],
};

export class Phone {
  readonly printed: string[] = [];
  /** What the app asked to be shown: `navigateTo`, `showToast` and their like, with their arguments. */
  readonly shown: [name: string, args: any][] = [];
  readonly wx: Functions;
  #context: vm.Context;
  #folder: string;
  #modules = new Map<string, { exports: any }>();
  #app: any;
  #definition: any;
  #options: any;
  #watchers = new Set<() => void>();
  #screen: typeof Screen;

  constructor(folder: string, { loginCode = () => '', pay = goBack, screen = Screen, wasm = 'instance' }: Options = {}) {
    this.#folder = folder;
    this.#screen = screen;
    const login = (args: any): unknown => settle(args, { code: loginCode() });
    this.wx = { ...this.#platform(), login, requestPayment: (args) => settle(args, pay(args)) };
    const print = (...args: unknown[]) => void this.printed.push(args.map((arg) => (arg as Error)?.stack ?? String(arg)).join(' '));
    const define = (definition: any) => {
      this.#definition = definition;
    };
    this.#context = vm.createContext(
      {
        wx: this.wx,
        global: {},
        ...(wasm === 'none' ? {} : { WXWebAssembly: wxWebAssembly(folder, { resolvesTo: wasm }) }),
        setTimeout,
        clearTimeout,
        setInterval,
        clearInterval,
        App: define,
        Page: define,
        Component: define,
        getApp: () => this.#app,
        getCurrentPages: () => [],
      },
      { codeGeneration: { strings: false, wasm: false } },
    );
    const strip = `for (const name of ${JSON.stringify(ABSENT)}) delete this[name];
      const methods = ${JSON.stringify(ABSENT_METHODS)};
      for (const [place, names] of Object.entries(methods)) {
        const object = place.split('.').reduce((found, name) => found[name], this);
        for (const name of names) delete object[name];
      }`;
    vm.runInContext(strip, this.#context);
    this.#context.console = { log: print, info: print, warn: print, error: print };
  }

  /** The exports of a script of the code package. */
  require(file: string): any {
    return this.#load(join(this.#folder, file)).exports;
  }

  /** Starts the app: runs app.js and its `onLaunch` and `onShow`. */
  launch(options: object): any {
    this.#options = { path: '', query: {}, scene: 1001, referrerInfo: {}, ...options };
    this.require('app.js');
    this.#app = { ...this.#definition };
    this.#app.onLaunch?.(this.#options);
    this.#app.onShow?.(this.#options);
    return this.#app;
  }

  /** Comes back to the running app. */
  show(options: object): void {
    this.#options = { path: '', query: {}, scene: 1001, referrerInfo: {}, ...options };
    this.#app.onShow?.(this.#options);
  }

  /** Opens a page by its route. */
  open(route: string, query: Record<string, string> = {}): Screen {
    this.#modules.delete(join(this.#folder, `${route}.js`));
    this.require(`${route}.js`);
    const markup = readFileSync(join(this.#folder, `${route}.wxml`), 'utf8');
    return new this.#screen(this, { definition: this.#definition, route, query, markup });
  }

  /** Waits until this holds, asked at each change of what the app shows. After 10 s it fails, and says what there is instead. */
  until(holds: () => boolean, found: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#watchers.delete(watch);
        settle();
      };
      const watch = () => void (holds() && end(resolve));
      const timer = setTimeout(() => end(() => reject(new Error(`it never came; there is: ${found()} ${this.printed.join(' ')}`))), 10_000);
      this.#watchers.add(watch);
      watch();
    });
  }

  /** Something that the app shows has changed. */
  changed(): void {
    for (const watch of this.#watchers) watch();
  }

  #load(path: string): { exports: any } {
    const file = scriptAt(path);
    const loaded = this.#modules.get(file);
    if (loaded) return loaded;
    const module = { exports: {} };
    this.#modules.set(file, module);
    const names = 'require, module, exports, window, document, self, fetch, XMLHttpRequest';
    const script = new vm.Script(`(function (${names}) {${readFileSync(file, 'utf8')}\n})`, { filename: file });
    const run = script.runInContext(this.#context);
    run((request: string) => this.#load(this.#resolve(request, file)).exports, module, module.exports);
    return module;
  }

  #resolve(request: string, from: string): string {
    if (request.startsWith('.')) return join(dirname(from), request);
    return join(this.#folder, 'miniprogram_npm', request);
  }

  #platform(): Functions {
    const show = (name: string) => [
      name,
      (args: any) => {
        this.shown.push([name, args]);
        this.changed();
        return settle(args, {});
      },
    ];
    const device = () => ({
      platform: 'android',
      system: 'Android 10',
      brand: 'x',
      model: 'x',
      pixelRatio: 2,
      windowWidth: 375,
      windowHeight: 600,
      statusBarHeight: 20,
      SDKVersion: '2.30.0',
      version: '8.0.0',
      language: 'zh_CN',
      theme: 'light',
    });
    const storage = new Map<string, unknown>();
    return {
      ...Object.fromEntries(
        [
          'navigateTo',
          'redirectTo',
          'reLaunch',
          'switchTab',
          'navigateBack',
          'showToast',
          'showModal',
          'showLoading',
          'hideLoading',
          'openSetting',
        ].map(show),
      ),
      getSystemInfoSync: device,
      getAppBaseInfo: device,
      getDeviceInfo: device,
      getWindowInfo: device,
      getAccountInfoSync: () => ({ miniProgram: { appId: 'wx0123456789abcdef', envVersion: 'develop', version: '' } }),
      getLaunchOptionsSync: () => this.#options,
      getEnterOptionsSync: () => this.#options,
      canIUse: () => true,
      onAppShow: () => {},
      onAppHide: () => {},
      getStorageSync: (key) => storage.get(key) ?? '',
      setStorageSync: (key, value) => void storage.set(key, value),
      removeStorageSync: (key) => void storage.delete(key),
      setStorage: ({ key, data }) => void storage.set(key, data),
      request,
    };
  }
}

/** An open page. */
export class Screen {
  readonly page: any;
  #phone: Phone;
  #markup: string;

  constructor(
    phone: Phone,
    { definition, route, query, markup }: { definition: any; route: string; query: Record<string, string>; markup: string },
  ) {
    this.#phone = phone;
    this.#markup = markup;
    const { methods = {}, lifetimes = {} } = definition;
    const data = JSON.parse(JSON.stringify(definition.data ?? {}));
    this.page = { ...definition, ...methods, data, properties: data, route, is: route, options: query };
    this.page.setData = (changed: object, done?: () => void) => {
      for (const [path, value] of Object.entries(changed)) setAt(this.page.data, path, value);
      done?.();
      phone.changed();
    };
    this.page.triggerEvent = () => {};
    this.page.selectAllComponents = () => [];
    for (const life of ['created', 'attached'] as const) (lifetimes[life] ?? definition[life])?.call(this.page);
    this.page.onLoad?.(query);
    this.page.onShow?.();
    (lifetimes.ready ?? definition.ready)?.call(this.page);
  }

  /** The text that is on the screen, data filled in. */
  get text(): string {
    const shown = this.#markup.replace(/\{\{([^}]*)\}\}/g, (_all, name) => String(this.#value(name)));
    return shown
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  }

  /** Waits until the screen shows this. */
  shows(text: RegExp): Promise<void> {
    return this.#phone.until(
      () => text.test(this.text),
      () => this.text,
    );
  }

  /** Fires an event of the element with this text, as a finger on it does. */
  fire(event: string, label: string, detail: object = {}): unknown {
    const element = new RegExp(`<[a-z-]+[^<>]*?bind:?${event}="([^"]*)"[^<>]*>\\s*${label}`).exec(this.#markup);
    if (!element?.[1]) throw new Error(`no ${event} on "${label}" in ${this.#markup}`);
    const bound = /^\{\{(.*)\}\}$/.exec(element[1]);
    const handler = bound ? this.#value(bound[1] ?? '') : element[1];
    return this.page[handler]({ type: event, detail, target: { dataset: {} }, currentTarget: { dataset: {} }, timeStamp: Date.now() });
  }

  #value(name: string): any {
    return name
      .trim()
      .split('.')
      .reduce((found, key) => found?.[key], this.page.data);
  }
}

/** Sets what a path such as `list[0].name` names, as setData does. */
function setAt(data: any, path: string, value: unknown): void {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  const last = keys.pop() ?? '';
  const owner = keys.reduce((found, key) => (found[key] ??= {}), data);
  // What crosses to the view is a copy.
  owner[last] = value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function scriptAt(path: string): string {
  const candidates = [path, `${path}.js`, join(path, 'index.js')];
  const found = candidates.find((file) => existsSync(file) && statSync(file).isFile());
  if (!found) throw new Error(`module '${basename(path)}.js' is not defined`);
  return found;
}

const goBack = (): { errMsg: string } => ({ errMsg: 'requestPayment:fail cancel' });

/** Answers as the platform does: by callbacks where there are any, else by a promise. */
function settle(args: any, answer: { errMsg?: string; [field: string]: unknown }): Promise<object> | undefined {
  const failed = answer.errMsg?.includes(':fail') ?? false;
  if (!args?.success && !args?.fail && !args?.complete) return failed ? Promise.reject(answer) : Promise.resolve(answer);
  (failed ? args.fail : args.success)?.(answer);
  args.complete?.(answer);
  return undefined;
}

/** `wx.request`: the header may be of any case, and the body comes as bytes. */
function request({ url, method = 'GET', header = {}, data, responseType, success, fail }: any) {
  const abort = new AbortController();
  const body = data === undefined || method === 'GET' ? undefined : JSON.stringify(data);
  fetch(url, { method, headers: header, ...(body === undefined ? {} : { body }), signal: abort.signal })
    .then(async (response) => ({
      statusCode: response.status,
      header: { 'Content-Type': response.headers.get('content-type') },
      data: responseType === 'arraybuffer' ? await response.arrayBuffer() : await response.text(),
    }))
    .then(success, (error: Error) => fail({ errMsg: `request:fail ${error.message}` }));
  return { abort: () => abort.abort() };
}

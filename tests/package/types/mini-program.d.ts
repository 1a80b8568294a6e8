// What the READMEs' lines take of the platform, for the compiler.
type Launch = { path: string; query: Record<string, string>; scene: number };

declare const wx: {
  login(): Promise<{ code: string }>;
  scanCode(options: object): Promise<{ result: string; scanType: string; path?: string }>;
  getLaunchOptionsSync(): Launch;
  getEnterOptionsSync(): Launch;
};
declare function App<Own>(app: Own & { onLaunch?(options: Launch): void; onShow?(options: Launch): void }): void;
declare function getApp(): any;

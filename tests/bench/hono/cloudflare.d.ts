// The part of the runtime's own module that the Hono Worker uses.
declare module 'cloudflare:workers' {
  type Storage = {
    get<Value>(key: string): Promise<Value | undefined>;
    put(key: string, value: unknown): Promise<void>;
    setAlarm(milliseconds: number): Promise<void>;
    deleteAll(): Promise<void>;
  };
  export abstract class DurableObject<Env> {
    protected ctx: { storage: Storage };
    protected env: Env;
    alarm?(): Promise<void>;
  }
}

// Wrangler bundles a file that is imported as a text.
declare module '*.css' {
  const text: string;
  export default text;
}

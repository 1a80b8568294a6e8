import type { App } from './apps.ts';
import type { Clock } from './clock.ts';
import { sha256Hex, stableText } from './crypto.ts';
import { MAX_MEDIA, MAX_MEDIA_BYTES, type MEDIA_BYTES, MEDIA_SECONDS } from './limits.ts';

export type MediaType = keyof typeof MEDIA_BYTES;

/** A temporary file that a server uploaded. */
export type Medium = {
  id: string;
  type: MediaType;
  name: string;
  contentType: string;
  bytes: Buffer;
  /** Unix seconds. */
  createdAt: number;
};

const ID_CHARACTERS = 64;

/** The temporary files of all apps, for three days. */
export class Media {
  #clock: Clock;
  #media = new Map<string, Medium>();
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps a file. The same one again has the same id. */
  put(app: App, type: MediaType, file: { name: string; type: string; bytes: Buffer }): Medium {
    const id = stableText(ID_CHARACTERS, 'media', app.appid, type, file.name, sha256Hex(file.bytes));
    const medium = { id, type, name: file.name, contentType: file.type, bytes: file.bytes, createdAt: this.#clock.seconds() };
    this.#drop(key(app, id));
    this.#media.set(key(app, id), medium);
    this.#bytes += medium.bytes.length;
    this.#makeRoom();
    return medium;
  }

  /** The file of that id, unless it is unknown or over. */
  find(app: App, id: string): Medium | undefined {
    const medium = this.#media.get(key(app, id));
    return medium && this.#clock.seconds() - medium.createdAt < MEDIA_SECONDS ? medium : undefined;
  }

  reset(): void {
    this.#media.clear();
    this.#bytes = 0;
  }

  #drop(name: string): void {
    this.#bytes -= this.#media.get(name)?.bytes.length ?? 0;
    this.#media.delete(name);
  }

  #makeRoom(): void {
    while (this.#media.size > MAX_MEDIA || this.#bytes > MAX_MEDIA_BYTES) {
      const [oldest] = this.#media.keys();
      if (oldest === undefined) return;
      this.#drop(oldest);
    }
  }
}

function key(app: App, id: string): string {
  return `${app.appid} ${id}`;
}

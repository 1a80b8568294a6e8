import type { App } from './apps.ts';
import type { Clock } from './clock.ts';
import { sha256Hex } from './crypto.ts';
import { ENCRYPTED_MESSAGE_SECONDS, MAX_ENCRYPTED_MESSAGES } from './limits.ts';

/** What the client was given encrypted in the last three days. Source: checkEncryptedMsg. */
export class EncryptedMessages {
  #clock: Clock;
  #messages = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Remembers one. The platform does not say whether the base64 text or the
   * bytes are hashed, so either hash finds it.
   */
  add(app: App, encryptedData: string): void {
    const now = this.#clock.seconds();
    this.#messages.set(`${app.appid} ${sha256Hex(encryptedData)}`, now);
    this.#messages.set(`${app.appid} ${sha256Hex(Buffer.from(encryptedData, 'base64'))}`, now);
    for (const oldest of this.#messages.keys()) {
      if (this.#messages.size <= MAX_ENCRYPTED_MESSAGES) break;
      this.#messages.delete(oldest);
    }
  }

  /** Unix seconds at which it was made, by its SHA-256. */
  find(app: App, hash: string): number | undefined {
    const madeAt = this.#messages.get(`${app.appid} ${hash}`);
    return madeAt !== undefined && this.#clock.seconds() - madeAt < ENCRYPTED_MESSAGE_SECONDS ? madeAt : undefined;
  }

  reset(): void {
    this.#messages.clear();
  }
}

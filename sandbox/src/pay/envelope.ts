import { randomText } from '../crypto.ts';
import { changed } from './changes.ts';
import { seal } from './crypto.ts';
import type { PayFault } from './faults.ts';
import type { Json } from './fields.ts';
import { beijingTime } from './time.ts';

/** What is told: a kind of event, and the resource that is encrypted in it. */
export type Event = {
  type: string;
  summary: string;
  /** `transaction` or `refund`. */
  original: string;
  resource: Json;
};

/** A notification before it is signed. Source: 支付成功回调通知. */
export function envelope(id: string, at: number, event: Event, apiv3Key: string, fault: PayFault | undefined): Buffer {
  const plaintext = JSON.stringify(changed(event.resource, fault));
  const nonce = randomText(12);
  const associated = fault?.kind === 'no_associated_data' || fault?.kind === 'empty_associated_data' ? '' : event.original;
  const key = fault?.kind === 'other_apiv3_key' ? randomText(32) : apiv3Key;
  const ciphertext = seal(plaintext, key, nonce, associated);
  return Buffer.from(
    JSON.stringify({
      id,
      create_time: beijingTime(at),
      resource_type: 'encrypt-resource',
      event_type: fault?.kind === 'unknown_event' ? 'SANDBOX.UNKNOWN' : event.type,
      summary: event.summary,
      resource: {
        original_type: event.original,
        algorithm: 'AEAD_AES_256_GCM',
        ciphertext: fault?.kind === 'damaged_ciphertext' ? damaged(ciphertext) : ciphertext,
        ...(fault?.kind === 'no_associated_data' ? {} : { associated_data: associated }),
        nonce,
      },
    }),
  );
}

/** One bit of the tag is another. */
function damaged(ciphertext: string): string {
  const bytes = Buffer.from(ciphertext, 'base64');
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  return bytes.toString('base64');
}

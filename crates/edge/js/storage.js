// The storage of a Durable Object, by its context.
import { copy } from './bytes.js';
import { perform } from './executor.js';

export const storageGet = (call, { storage }, key) => perform(call, () => storage.get(key));
export const storagePutText = (call, { storage }, key, text) => perform(call, () => storage.put(key, text));
export const storagePutBytes = (call, { storage }, key, bytes) => perform(call, () => storage.put(key, copy(bytes)));
export const storageSetAlarm = (call, { storage }, at) => perform(call, () => storage.setAlarm(at));

/** The alarm goes last: should the deletion fail, it is tried again. */
export const storageDeleteAll = (call, { storage }) =>
  perform(call, async () => {
    await storage.deleteAll();
    await storage.deleteAlarm();
  });

/** What one call takes of the names that are asked for. Source: Cloudflare Durable Objects, SQLite storage, `get`. */
const MOST_KEYS = 128;

/** Texts by their keys, in the order of these; `null` for what is no text. */
export const storageGetTexts = (call, { storage }, keys) =>
  perform(call, async () => {
    const found = new Map();
    for (let at = 0; at < keys.length; at += MOST_KEYS) {
      for (const [key, value] of await storage.get(keys.slice(at, at + MOST_KEYS))) found.set(key, value);
    }
    return keys.map((key) => (typeof found.get(key) === 'string' ? found.get(key) : null));
  });

/** Texts by the order of their keys: `{ keys, texts }`. What is no text is left out, but counts. */
export const storageList = (call, { storage }, prefix, end, reverse, limit) =>
  perform(call, async () => {
    const entries = await storage.list({ prefix, end, reverse, limit });
    const texts = [...entries].filter(([, value]) => typeof value === 'string');
    return { keys: texts.map(([key]) => key), texts: texts.map(([, text]) => text) };
  });

/** Puts, deletes and the alarm, at once or not at all. Done when they are on the disk, and all that was written before. */
export const storageWrite = (call, { storage }, keys, texts, deletes, alarm) =>
  perform(call, async () => {
    const alarmed = storage.transactionSync(() => {
      keys.forEach((key, index) => storage.kv.put(key, texts[index]));
      deletes.forEach((key) => storage.kv.delete(key));
      // The runtime refuses such a time too, but too late to take back the rest.
      if (alarm <= 0) throw new RangeError('An alarm rings after 1970.');
      return alarm === undefined ? undefined : storage.setAlarm(alarm);
    });
    await Promise.all([alarmed, storage.sync()]);
  });

export const storageGetAlarm = (call, { storage }) => perform(call, () => storage.getAlarm());

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

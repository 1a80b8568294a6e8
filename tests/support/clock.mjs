// Stands before a Worker, in its runtime: the Worker's clock and the alarms of its objects go by what a test says.
// clock.ts puts it there, with the exports of the objects below.
// biome-ignore lint/correctness/noUnusedImports: the exports that clock.ts adds stand on it
import worker, * as entry from './index.js';

/** The host of requests that are meant for the clock: `/advance?by=` so many milliseconds, `&rounds` or not; `/objects`; `/next` alarm. */
const HOST = 'clock.test';
/** More alarms than any test has ring in one go: one that rings for ever is an error. */
const MOST_ALARMS = 10_000;

const realNow = Date.now;
/** By how many milliseconds the Worker's clock is ahead. */
let ahead = AHEAD;
/** The same when time last stood still: the runtime knows all alarms by it but those that were set since. */
let settled = ahead;
Date.now = () => realNow() + ahead;

/** The objects that there have been, since the runtime cannot list them: `[binding, id]`. */
const objects = new Map(KNOWN.map((known) => [known.join(), known]));

/** By how much the clock was ahead when a storage was given its alarm, while time passes. */
let setAt = new WeakMap();
/** The runtime's own, once it is known. */
let realSetAlarm;

/** The storage speaks of alarms in the Worker's time, the runtime below it in its own. */
function shiftAlarms(storage) {
  const prototype = Object.getPrototypeOf(storage);
  const { setAlarm, getAlarm } = prototype;
  realSetAlarm = setAlarm;
  prototype.setAlarm = function (at, options) {
    setAt.set(this, ahead);
    return setAlarm.call(this, Number(at) - ahead, options);
  };
  prototype.getAlarm = async function (options) {
    const at = await getAlarm.call(this, options);
    return at === null ? null : at + (setAt.get(this) ?? settled);
  };
}

/** The class of a Durable Object, bound as `binding`, on the shifted clock. */
export function shifted(binding, Class) {
  return class extends Class {
    constructor(context, env) {
      if (realSetAlarm === undefined) shiftAlarms(context.storage);
      super(context, env);
      const known = [binding, String(context.id)];
      objects.set(known.join(), known);
    }

    nextAlarm() {
      return this.ctx.storage.getAlarm();
    }

    async ring() {
      await this.ctx.storage.deleteAlarm();
      await this.alarm();
    }

    /** Tells the runtime of the alarm anew, after time has passed. */
    async settle() {
      const at = await this.ctx.storage.getAlarm();
      if (at !== null) await realSetAlarm.call(this.ctx.storage, at - ahead);
    }
  };
}

const stubs = (env) => [...objects.values()].map(([binding, id]) => env[binding].get(env[binding].idFromString(id)));

/** The alarms that are set, the earliest first. */
async function alarms(env) {
  const all = await Promise.all(stubs(env).map(async (stub) => ({ stub, at: await stub.nextAlarm() })));
  return all.filter(({ at }) => at !== null).sort((one, other) => one.at - other.at);
}

/**
 * Lets time pass: each alarm rings at its time, in their order, before this is done. `inRounds`: of many objects, whose alarms
 * are looked at once for all that are due, so that one that is set meanwhile rings after those.
 */
async function advance(by, inRounds, env) {
  const goal = Date.now() + by;
  const goalAhead = ahead + by;
  for (let rung = 0; rung < MOST_ALARMS; ) {
    const due = (await alarms(env)).filter(({ at }) => at <= goal);
    if (due.length === 0) {
      ahead = goalAhead;
      await Promise.all(stubs(env).map((stub) => stub.settle()));
      settled = ahead;
      setAt = new WeakMap();
      return;
    }
    for (const next of inRounds ? due : due.slice(0, 1)) {
      ahead = Math.min(Math.max(ahead, next.at - realNow()), goalAhead);
      await next.stub.ring();
      rung += 1;
    }
  }
  throw new Error(`${MOST_ALARMS} alarms rang, and there are more`);
}

export default {
  ...worker,
  async fetch(request, env, context) {
    const { hostname, pathname, searchParams } = new URL(request.url);
    if (hostname !== HOST) return worker.fetch(request, env, context);
    if (pathname === '/objects') return Response.json([...objects.values()]);
    if (pathname === '/next') return Response.json((await alarms(env))[0]?.at ?? null);
    await advance(Number(searchParams.get('by')), searchParams.has('rounds'), env);
    return new Response(null, { status: 204 });
  },
};

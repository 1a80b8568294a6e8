import { DurableObject } from 'cloudflare:workers';

import type { Bindings } from './bindings.ts';

// Bound by wrangler.toml: this Worker keeps no events and takes no payment.
export class Events extends DurableObject<Bindings> {}
export class Orders extends DurableObject<Bindings> {}

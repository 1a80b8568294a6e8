import { durableObject, worker } from './edge.js';

export default worker({ headers: { always: ['accept'] } });

export const Counter = durableObject('Counter');

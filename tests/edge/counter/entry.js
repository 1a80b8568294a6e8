import { durableObject, worker } from './edge.js';

export default worker({
  headers: { always: ['accept'] },
  trapped: () => new Response('Something went wrong inside.\n', { status: 500 }),
});

export const Counter = durableObject('Counter');

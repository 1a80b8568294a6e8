import { durableObject, worker } from './edge.js';

export default worker({
  headers: {
    always: ['x-always'],
    withBody: ['content-type'],
    withAuthorization: ['x-key'],
    withoutAuthorization: ['x-page'],
    below: { '/request/below': ['x-below'] },
  },
  outside: ['/outside/'],
});

export const Things = durableObject('Thing');
export const Strangers = durableObject('Stranger');

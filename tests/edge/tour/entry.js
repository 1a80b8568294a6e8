import { durableObject, worker } from './edge.js';

export default worker({
  headers: {
    always: ['x-always'],
    withBody: ['content-type'],
    withAuthorization: ['x-key'],
    withoutAuthorization: ['x-page'],
  },
  trapped: (request) => new Response('trapped', { status: 500, headers: { 'X-Path': new URL(request.url).pathname } }),
});

export const Things = durableObject('Thing');
export const Strangers = durableObject('Stranger');

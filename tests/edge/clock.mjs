// Stands before a Worker and sets its clock ahead: `/clock?by=` so many milliseconds.
import worker from './index.js';

export * from './index.js';

const now = Date.now;
let ahead = 0;
Date.now = () => now() + ahead;

export default {
  ...worker,
  fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== '/clock') return worker.fetch(request, env, context);
    ahead += Number(searchParams.get('by'));
    return new Response(null, { status: 204 });
  },
};

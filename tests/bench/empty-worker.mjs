// What a start of the runtime alone takes.
export class TokenKeeper {}
export class Events {}
export class Sessions {}
export class Makers {}
export class Orders {}

export default {
  fetch: () => new Response('ok'),
};

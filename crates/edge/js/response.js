// Responses, made from what the wasm gives.
import { copy } from './bytes.js';
import { pairsOf } from './headers.js';

/** The headers of responses by their numbers. */
const heads = [];

/** Keeps headers under a number: few responses differ in them, so they cross once and not with each response. */
export function defineHead(number, lines) {
  const headers = new Headers();
  for (const [name, value] of pairsOf(lines)) {
    try {
      headers.append(name, value);
    } catch {
      console.error(`The header ${name} has a value that no header may have, and is left out.`);
    }
  }
  heads[number] = headers;
}

/** A response with the headers of that number and this text, bytes of the wasm, bytes of others, or nothing. */
export const respondText = (status, head, text) => new Response(text, { status, headers: heads[head] });
export const respondBytes = (status, head, bytes) => new Response(copy(bytes), { status, headers: heads[head] });
export const respondStored = (status, head, bytes) => new Response(bytes, { status, headers: heads[head] });
export const respondEmpty = (status, head) => new Response(null, { status, headers: heads[head] });
/** … and what has come and comes of a body from elsewhere. */
export const respondOpen = (status, head, body) => new Response(body.take(), { status, headers: heads[head] });

import type { App } from './apps.ts';
import { type Body, jsonObject } from './body.ts';
import { type Answer, type Call, type Endpoint, RawBytes } from './endpoint.ts';
import { drawCode } from './images.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import { checkPaySignatures } from './pay-signatures.ts';
import { plausibleReply } from './plausible-reply.ts';
import type { QuotaName } from './quotas.ts';
import { checkGiven, type Given } from './row-check.ts';
import type { World } from './world.ts';

type Answering = (given: Given, world: World, app: App) => Answer;

/** Every documented call as its row has it: checked where the row is certain, answered by it, nothing remembered. */
export function describedEndpoints(): Endpoint[] {
  return OPERATIONS.map((operation) => endpoint(operation, (given, _world, app) => usualAnswer(operation, given, app)));
}

/** The call of that path, checked by its row and answered by what the sandbox remembers. */
export function describedEndpoint(path: string, answering: Answering): Endpoint {
  return endpoint(operationAt(path), answering);
}

/** What the call of that path answers by its row. */
export function describedReply(path: string, given: Given, app: App): Body {
  return plausibleReply(operationAt(path), given, app.appid);
}

function operationAt(path: string): Operation {
  const operation = OPERATIONS.find((candidate) => `/${candidate.path}` === path);
  if (!operation) throw new Error(`no row for ${path}`);
  return operation;
}

function endpoint(operation: Operation, answering: Answering): Endpoint {
  return {
    path: `/${operation.path}`,
    method: operation.methods[0] ?? 'POST',
    alsoPost: operation.methods.includes('POST'),
    needs: 'any_token',
    answer(call, world, app) {
      const given = { query: call.query, json: jsonOf(operation, call), parts: call.parts };
      checkGiven(operation, given);
      checkPaySignatures(operation, call, given.json, world, app);
      const quota: QuotaName = `/${operation.path}`;
      if (operation.limits?.per_day !== undefined) world.quotas.take(app.appid, quota);
      return answering(given, world, app);
    },
  };
}

/** The fields of the body: none for an upload, and for a body that is the caller's own. */
function jsonOf(operation: Operation, { method, body }: Call): Body {
  if (method === 'GET' || operation.sends === 'multipart' || operation.sends === 'free') return {};
  if (body.length === 0 && !operation.body) return {};
  return jsonObject(body);
}

function usualAnswer(operation: Operation, given: Given, app: App): Answer {
  return operation.replies === 'image' ? picture(operation.path) : plausibleReply(operation, given, app.appid);
}

function picture(text: string): RawBytes {
  const bytes = drawCode({ text, width: 280, color: { r: 0, g: 0, b: 0 }, transparent: false });
  if (!bytes) throw new Error('a path is short enough for a code');
  return new RawBytes(bytes, 'image/jpeg');
}

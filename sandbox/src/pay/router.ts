import { certificateEndpoints } from './certificate-endpoint.ts';
import type { Params, PayEndpoint } from './endpoint.ts';
import { orderEndpoints } from './order-endpoints.ts';
import { refundEndpoints } from './refund-endpoints.ts';

/** Every endpoint, in the order in which `GET /sandbox` lists them. */
export const ENDPOINTS: PayEndpoint[] = [...orderEndpoints, ...refundEndpoints, ...certificateEndpoints];

export type Route = { endpoint: PayEndpoint; params: Params };

/** The endpoint of a path as it was written; `others`: the methods of those at the same path. */
export function findEndpoint(method: string, path: string): { route: Route | undefined; others: string[] } {
  const here = ENDPOINTS.flatMap((endpoint) => {
    const params = paramsOf(endpoint.path, path);
    return params ? [{ endpoint, params }] : [];
  });
  return {
    route: here.find(({ endpoint }) => endpoint.method === method),
    others: here.map(({ endpoint }) => endpoint.method),
  };
}

/** The values of `{…}`; undefined where the path is another. */
function paramsOf(template: string, path: string): Params | undefined {
  const [wanted, given] = [template.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const params: Params = {};
  for (const [index, part] of wanted.entries()) {
    const value = decoded(given[index] ?? '');
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (value === undefined || value === '' ? part !== value : name === undefined && part !== value) return undefined;
    if (name !== undefined && value !== undefined) params[name] = value;
  }
  return params;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

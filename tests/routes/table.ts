// The Worker's own table of routes, so that a new route is tested the day it is added. `npm test` writes it.
import { readFileSync } from 'node:fs';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
export type Row = {
  method: Method;
  /** With `{name}` for what names something, `{+name}` for the rest of the path, and `/**` + `/` for any directory. */
  path: string;
  /** `sdk`: at one of WeChat's own paths, and refused as WeChat does. */
  access: 'public' | 'signed' | 'session' | 'service' | 'session_or_service' | 'sdk';
  /** The scope that a service's key needs. */
  scope: string | null;
  takes: 'nothing' | 'json' | 'bytes' | 'outside';
  cors: boolean;
};

const file = process.env['WXEDGE_ROUTES'] ?? new URL('../../build/routes.json', import.meta.url);

export const rows = JSON.parse(readFileSync(file, 'utf8')) as Row[];

/** What stands for a name in a path: something of the right form that nobody has stored. */
const names: Record<string, string> = {
  '{scene}': '~nobody',
  '{file}': 'nobody.txt',
  '{+endpoint}': 'wxa/msg_sec_check',
  '{+path}': 'wxa/nobody',
};

/** A path of the route. */
export function pathOf({ path }: Row): string {
  return path.replace('/**/', '/any/where/').replaceAll(/\{\+?\w+\}/g, (name) => names[name] ?? 'nobody');
}

/** The scopes of the services that call by `Authorization`. */
export const scopes: string[] = [...new Set(rows.filter(isForServices).flatMap(({ scope }) => scope ?? []))];

/** The routes of each path. */
export const paths: Map<string, Row[]> = Map.groupBy(rows, pathOf);

/** `POST /v1/login`. */
export const nameOf = (row: Row): string => `${row.method} ${pathOf(row)}`;

export const isForSessions = ({ access }: Row): boolean => access === 'session' || access === 'session_or_service';
export function isForServices({ access }: Row): boolean {
  return access === 'service' || access === 'session_or_service';
}

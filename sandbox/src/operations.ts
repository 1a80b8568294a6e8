import { readFileSync } from 'node:fs';

/** What a field holds. `text` may have line breaks; `json` and `base64` are texts that hold those. */
export type Kind = 'string' | 'text' | 'json' | 'base64' | 'number' | 'integer' | 'boolean' | 'object' | 'map' | 'file' | 'null' | 'any';

/** A field of a query, a body or a reply, in WeChat's own spelling. */
export type Field = {
  name: string;
  /** The first is the usual one. */
  kinds: Kind[];
  /** A list of those kinds. */
  list?: boolean;
  /** What the documentation says, which is unreliable. */
  required?: boolean;
  /** Of a text's length, a list's items, a number. */
  min?: number;
  max?: number;
  /** What the length of a text counts; default characters. A hanzi is as wide as two characters of ASCII. */
  unit?: 'bytes' | 'hanzi';
  values?: (string | number | boolean)[];
  /** Beside `values`: there may be others. */
  others?: boolean;
  /** The fields inside: of an object, or of each value of a map. */
  fields?: Field[];
};

/** One call of WeChat's server API. */
export type Operation = {
  /** Without a slash before it. */
  path: string;
  methods: ('GET' | 'POST')[];
  /** On WeChat's page; names repeat. */
  name: string;
  /** Whether it carries an `access_token`. */
  token?: boolean;
  /** `free`: the body is the caller's own. `nothing`: everything is in the query. */
  sends: 'json' | 'multipart' | 'free' | 'nothing';
  replies: 'json' | 'image' | 'binary';
  /** What it wants in the query beside `query`. */
  signed?: ('pay_sig' | 'signature')[];
  query?: Field[];
  /** The fields of the body, or the parts of an upload. */
  body?: Field[];
  /** Beside `errcode` and `errmsg`. */
  reply?: Field[];
  errors?: { code: number; name?: string; meaning?: string }[];
  limits?: { per_day?: number; max_bytes?: number };
};

/** Every documented call. The file is written by the repository's `crates/describe`, whose README describes it. */
export const OPERATIONS = JSON.parse(readFileSync(new URL('../data/operations.json', import.meta.url), 'utf8')) as readonly Operation[];

// Reading objects that others made: properties may throw, be missing, or be of any type.

import { WxedgeError } from './error.js';

/** The property, or undefined. */
export function read(object, key) {
  try {
    return object === null || object === undefined ? undefined : object[key];
  } catch {
    return undefined;
  }
}

/** The value as a text: launch options hold only texts, so anything but a plain value counts as empty. */
export function textOf(value) {
  const text = plainText(value);
  return text === undefined ? '' : text;
}

/** The values of these properties as texts. */
export function textsOf(object, keys) {
  return keys.map((key) => textOf(read(object, key)));
}

/** Adds keys and values in turn to the texts, of those properties whose value is a plain one. */
export function pairsOf(object, texts) {
  const keys = keysOf(object);
  for (let index = 0; index < keys.length; index += 1) {
    const text = plainText(read(object, keys[index]));
    if (text !== undefined) texts.push(keys[index], text);
  }
  return texts;
}

/** Keys and values in turn of parameters to be written. What is null or undefined is left out. */
export function paramsOf(object) {
  const pairs = [];
  for (const key of keysOf(object)) {
    const value = read(object, key);
    const text = plainText(value);
    if (text !== undefined) pairs.push(key, text);
    else if (value !== undefined && value !== null) {
      throw new WxedgeError('invalid_argument', `${key} must be a text, as all parameters are`);
    }
  }
  return pairs;
}

/**
 * Names and values in turn of the arguments of a function, except its parameters. Every name that has a value goes in,
 * whatever it is, so that one named like a credential is seen.
 */
export function argumentsOf(args) {
  const pairs = [];
  for (const key of keysOf(args)) {
    const value = read(args, key);
    if (key !== 'params' && value !== undefined) pairs.push(key, textOf(value));
  }
  return pairs;
}

/** The value when it is a list, else an empty one. */
export function listOf(value) {
  return Array.isArray(value) ? value : [];
}

function keysOf(object) {
  try {
    return typeof object === 'object' && object !== null ? Object.keys(object) : [];
  } catch {
    return [];
  }
}

function plainText(value) {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      return undefined;
  }
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** One row of the table that every runtime has to answer alike. */
export type Case = { name: string; call: string; args: unknown[] } & ({ expected: unknown } | { error: string });

export type Answer = { value: unknown } | { error: string };

/** The functions of the package by name. Untyped, since the cases call them as no typed caller could. */
export type Client = Record<string, any>;

export const CASES: Case[] = JSON.parse(readFileSync(new URL('./cases.json', import.meta.url), 'utf8'));

/** Calls the function of a case. It runs in browsers too, so it stands on nothing outside itself. */
export function answerOf(client: Client, { call, args }: Pick<Case, 'call' | 'args'>): Answer {
  try {
    return { value: client[call](...args) };
  } catch (error) {
    return { error: (error as { code?: string }).code ?? String(error) };
  }
}

export function assertAnswer(given: Case, answer: Answer): void {
  const expected = 'error' in given ? { error: given.error } : { value: given.expected };
  assert.deepEqual(answer, expected, `${given.call}: ${given.name}`);
}

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';

/** One row of the table that every runtime has to answer alike. `message` is a part of what the error says. */
export type Case = { name: string; call: string; args: unknown[] } & ({ expected: unknown } | { error: string; message?: string });

export type Answer = { value: unknown } | { error: string; message: string };

/** The functions of the package by name. Untyped, since the cases call them as no typed caller could. */
export type Client = Record<string, any>;

const FOLDER = new URL('./cases/', import.meta.url);

/** The whole table. The tests of crates/helper run the same one. */
export const CASES: Case[] = readdirSync(FOLDER)
  .sort()
  .flatMap((file) => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')));

/** Runs the whole table in this runtime, and tells all rows that are answered otherwise. */
export function runCases(client: Client): void {
  assertAnswers(CASES.map((given) => answerOf(client, given)));
}

/** Checks the answers of another runtime to the whole table. */
export function assertAnswers(answers: Answer[]): void {
  const failures = CASES.flatMap((given, index) => failureOf(given, answers[index]));
  assert.equal(failures.length, 0, failures.slice(0, 5).join('\n'));
}

/** Calls the function of a case. It runs in other runtimes too, so it stands on nothing outside itself. */
export function answerOf(client: Client, { call, args }: Pick<Case, 'call' | 'args'>): Answer {
  try {
    return { value: client[call](...args) };
  } catch (error) {
    return { error: (error as { code?: string }).code ?? String(error), message: (error as Error).message };
  }
}

export function assertAnswer(given: Case, answer: Answer): void {
  const about = `${given.call}: ${given.name}`;
  if ('error' in given && 'error' in answer) {
    assert.equal(answer.error, given.error, about);
    assert.ok(answer.message.includes(given.message ?? ''), `${about}: "${answer.message}" says nothing of "${given.message}"`);
  } else {
    const expected = 'error' in given ? { error: given.error } : { value: given.expected };
    if (!isSame(answer, expected)) assert.fail(`${about}: ${JSON.stringify(answer)} instead of ${JSON.stringify(expected)}`);
  }
}

function failureOf(given: Case, answer: Answer | undefined): string[] {
  try {
    assertAnswer(given, answer ?? { error: 'unanswered', message: '' });
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function isSame(one: unknown, other: unknown): boolean {
  try {
    assert.deepStrictEqual(one, other);
    return true;
  } catch {
    return false;
  }
}

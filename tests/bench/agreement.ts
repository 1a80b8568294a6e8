// Two Workers are compared only where they do the same: the same status, type and form of body, of about the same size.
import assert from 'node:assert/strict';

import { jobOf, type Side } from './contestants.ts';

/** How much larger one body may be than the other: our H5 page has more in it than the plain one beside it. */
const SLACK = 1.5;

/** Does one job once on each side, and fails when the answers differ in kind. */
export async function assertAgreement(job: string, ours: Side, theirs: Side): Promise<void> {
  const [mine, other] = [await answerOf(job, ours), await answerOf(job, theirs)];
  assert.deepEqual(other.form, mine.form, `${job}: ${theirs.name} answers in another form than ${ours.name}`);
  const ratio = other.bytes / mine.bytes;
  assert.ok(ratio < SLACK && ratio > 1 / SLACK, `${job}: ${mine.bytes} bytes from ${ours.name}, ${other.bytes} from ${theirs.name}`);
}

async function answerOf(name: string, side: Side) {
  const { requests, status } = jobOf(side, name);
  const [request] = await requests(1);
  if (request === undefined) throw new Error(`${name} sends nothing`);
  const response = await side.send(request);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, status, `${side.name}, ${name}: ${bytes.toString().slice(0, 400)}`);
  const type = response.headers.get('content-type')?.split(';')[0]?.toLowerCase();
  const [cache, kept] = [response.headers.get('x-cache'), response.headers.get('cache-control')];
  const body = type?.endsWith('json') ? formOf(JSON.parse(bytes.toString())) : 'bytes';
  return { bytes: bytes.length, form: { type, cache, kept, body } };
}

/** The names of fields and the types of values, without the values. */
function formOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, formOf(inner)]));
}

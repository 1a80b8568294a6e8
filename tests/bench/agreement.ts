// Two Workers are compared only where they do the same: the same status, type and form of body, of about the same size.
import assert from 'node:assert/strict';

import type { Job } from './jobs.ts';
import type { Request } from './load.ts';

export type Party = { name: string; send(request: Request): Promise<Response>; jobs: Job[] };

/** How much larger one body may be than the other. */
const SLACK = 1.25;

/** Does one job once on each side, and fails when the answers differ in kind. */
export async function assertAgreement(job: string, parties: readonly [Party, Party]): Promise<void> {
  const [ours, theirs] = [await answerOf(job, parties[0]), await answerOf(job, parties[1])];
  assert.deepEqual(theirs.form, ours.form, `${job}: ${parties[1].name} answers in another form than ${parties[0].name}`);
  const ratio = theirs.bytes / ours.bytes;
  assert.ok(ratio < SLACK && ratio > 1 / SLACK, `${job}: ${ours.bytes} bytes from ${parties[0].name}, ${theirs.bytes} from ${parties[1].name}`);
}

async function answerOf(name: string, { send, jobs }: Party) {
  const job = jobs.find((one) => one.name === name);
  const [request] = await job?.requests(1) ?? [];
  if (job === undefined || request === undefined) throw new Error(`nobody does the job ${name}`);
  const response = await send(request);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, job.status, `${name}: ${bytes.toString().slice(0, 400)}`);
  const type = response.headers.get('content-type')?.split(';')[0]?.toLowerCase();
  const form = type?.endsWith('json') ? formOf(JSON.parse(bytes.toString())) : 'bytes';
  return { bytes: bytes.length, form: { type, cache: response.headers.get('x-cache'), control: response.headers.get('cache-control'), form } };
}

/** The names of fields and the types of values, without the values. */
function formOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, formOf(inner)]));
}

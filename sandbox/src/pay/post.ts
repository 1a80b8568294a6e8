import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { MAX_ANSWER_BYTES, MAX_ANSWER_BYTES_KEPT } from './limits.ts';

export type Posted = { status: number | null; answer: string; problem: string | null };

/**
 * Sends one POST and reads its answer, within that many seconds and up to a limit. No redirect is followed. Header names
 * go out as they are written. Never throws.
 */
export function post(url: string, headers: Record<string, string>, body: Buffer, seconds: number): Promise<Posted> {
  return new Promise((resolve) => {
    const fail = (problem: string): void => resolve({ status: null, answer: '', problem });
    try {
      const request = url.startsWith('https:') ? httpsRequest : httpRequest;
      const signal = AbortSignal.timeout(seconds * 1000);
      const sent = request(
        url,
        { method: 'POST', headers: { ...headers, 'Content-Length': body.length }, signal, agent: false },
        (response) => {
          read(response).then(
            (answer) => resolve({ status: response.statusCode ?? null, answer, problem: null }),
            (error: Error) => fail(error.message),
          );
        },
      );
      sent.on('error', (error) => fail(signal.aborted ? `no answer within ${seconds} s` : error.message));
      sent.end(body);
    } catch (error) {
      fail((error as Error).message);
    }
  });
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`the answer is over ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8', 0, Math.min(size, MAX_ANSWER_BYTES_KEPT));
}

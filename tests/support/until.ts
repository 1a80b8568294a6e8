// Waits for what a test cannot be told of.

/** How long a condition may take to come true, in milliseconds. */
const DEADLINE = 20_000;

/** Asks again and again until the answer is not false, null or undefined. */
export async function until<T>(what: string, ask: () => T | Promise<T>, limit = DEADLINE): Promise<Exclude<T, false | null | undefined>> {
  for (const deadline = Date.now() + limit; Date.now() < deadline; await pause(20)) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer as Exclude<T, false | null | undefined>;
  }
  throw new Error(`in ${limit} ms it did not happen that ${what}`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

// Bytes, on their way in and out.

/** Bytes of their own instead of a view of the wasm's memory, which may be written before they are read. */
export const copy = (bytes) => bytes.slice();

/** Reads a body; gives nothing when it has more than `limit` bytes. */
export async function readAll(body, limit) {
  const chunks = [];
  let length = 0;
  if (body) {
    const reader = body.getReader();
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      length += value.length;
      if (length > limit) {
        // What is left is not wanted; whether cancelling works makes no difference.
        reader.cancel().catch(() => {});
        return undefined;
      }
      chunks.push(value);
    }
  }
  return chunks.length === 1 ? chunks[0] : joined(chunks, length);
}

export function joined(chunks, length) {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

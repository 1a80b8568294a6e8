/** The address that a text is, if it is one. Node 18 has no URL.parse. */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

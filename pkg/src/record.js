/**
 * Several texts as one, to cross into wasm in one call: each is followed by a separator that none of them holds, and
 * the record begins with it.
 */
export function record(texts) {
  if (texts.length === 0) return '';
  let code = 0;
  while (holds(texts, String.fromCharCode(code)) && code < LAST_CODE) code += 1;
  const separator = String.fromCharCode(code);
  return separator + texts.join(separator) + separator;
}

const LAST_CODE = 0xd7ff;

function holds(texts, separator) {
  for (let index = 0; index < texts.length; index += 1) {
    if (texts[index].indexOf(separator) >= 0) return true;
  }
  return false;
}

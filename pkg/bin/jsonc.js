// JSON as WeChat's and uni-app's tools take it: with comments, and with commas after the last element.

const TEXT_OR_COMMENT = /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[^]*?\*\//g;
const TEXT_OR_LAST_COMMA = /("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g;

/** The value of a text in JSON with comments. */
export function parseJsonc(text) {
  const keepText = (_all, quoted) => quoted ?? '';
  const plain = text
    .replace(/^\ufeff/, '')
    .replace(TEXT_OR_COMMENT, keepText)
    .replace(TEXT_OR_LAST_COMMA, keepText);
  return JSON.parse(plain);
}

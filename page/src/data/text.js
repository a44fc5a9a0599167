/** Characters that a page's text may hold without being read as markup, each the digit of its place. */
const FIRST = 33,
  LAST = 126,
  LEFT_OUT = "&<>",
  BASE = 91,
  BITS = 13;

const DIGITS = new Int8Array(128).fill(-1);
for (let code = FIRST, digit = 0; code <= LAST; code++)
  if (!LEFT_OUT.includes(String.fromCharCode(code))) DIGITS[code] = digit++;

/**
 * Bytes of a text that holds 13 bits in two characters.
 * @param {string} text characters below 33 are skipped
 * @param {number} count bytes
 */
export function bytesOfText(text, count) {
  const bytes = new Uint8Array(count);
  let at = 0,
    bits = 0,
    have = 0,
    first = -1;
  for (let i = 0; i < text.length && at < count; i++) {
    const digit = DIGITS[text.charCodeAt(i)];
    if (digit < 0) continue;
    if (first < 0) {
      first = digit;
      continue;
    }
    bits |= (first + BASE * digit) << have;
    first = -1;
    for (have += BITS; have >= 8; have -= 8) {
      bytes[at++] = bits & 255;
      bits >>>= 8;
    }
  }
  return bytes;
}

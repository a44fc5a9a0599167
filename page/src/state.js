/**
 * What the address says of a look: `#tall=0.4&fat=-0.2`, with `model=`, `outfit=` and `skin=` (any region) beside it.
 *
 * @typedef {object} Look
 * @property {string} [model]
 * @property {Record<string, number>} sliders word -> value; those at rest are left out
 * @property {string} [outfit]
 * @property {Record<string, string>} colours region -> "#rrggbb"
 */

const MODEL = "model",
  OUTFIT = "outfit",
  COLOUR = "colour.",
  WORD = "word.";

/** A word that would read as something else is told apart. @param {string} word */
const keyOf = (word) =>
  word === MODEL || word === OUTFIT || word.startsWith(COLOUR) || word.startsWith(WORD) ? WORD + word : word;

/** @param {Look} look @returns {string} without the # */
export function writeLook(look) {
  /** @type {[string, string][]} */
  const parts = [];
  if (look.model !== undefined) parts.push([MODEL, look.model]);
  for (const [word, value] of Object.entries(look.sliders))
    if (Math.abs(value) >= 0.005) parts.push([keyOf(word), String(Number(value.toFixed(2)))]);
  if (look.outfit !== undefined) parts.push([OUTFIT, look.outfit]);
  for (const [region, colour] of Object.entries(look.colours)) parts.push([COLOUR + region, colour.slice(1)]);
  return parts.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join("&");
}

/** What cannot be read is left out. @param {string} text with or without the # @returns {Look} */
export function readLook(text) {
  /** @type {Look} */
  const look = { sliders: Object.create(null), colours: Object.create(null) };
  for (const part of text.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    if (at < 0) continue;
    const [key, value] = [decoded(part.slice(0, at)), decoded(part.slice(at + 1))];
    if (key === MODEL) look.model = value;
    else if (key === OUTFIT) look.outfit = value;
    else if (key.startsWith(COLOUR)) {
      if (/^[0-9a-f]{6}$/i.test(value)) look.colours[key.slice(COLOUR.length)] = `#${value.toLowerCase()}`;
    } else if (value.trim() !== "" && Number.isFinite(Number(value)))
      look.sliders[key.startsWith(WORD) ? key.slice(WORD.length) : key] = Number(value);
  }
  return look;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

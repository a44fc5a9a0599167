import { bytesOfColour } from "./view/paint.js";

/**
 * Region -> "#rrggbb" when nobody chose one.
 * @param {import("./data/header.js").ModelHeader} header
 * @returns {Map<string, string>}
 */
export function defaultColours({ regions, paints }) {
  return new Map([...regions, ...paints].map(({ name, colour }) => [name, colour.toLowerCase()]));
}

/** @param {number[]} parts 0..255 */
const hex = (parts) =>
  `#${parts
    .map((part) =>
      Math.round(Math.min(255, Math.max(0, part)))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;

/**
 * A colour and what goes along with it: lips, nails and flush with the skin, brows with the hair.
 * @param {import("./data/header.js").ModelHeader} header
 * @param {string} region
 * @param {string} colour
 * @returns {Record<string, string>}
 */
export function colourGroup({ follow, tones }, region, colour) {
  const group = Object.fromEntries(
    [region, ...(Object.hasOwn(follow, region) ? follow[region] : [])].map((name) => [name, colour]),
  );
  if (region !== "skin" || !tones.length) return group;
  const tone = tones.find(({ skin }) => skin.toLowerCase() === colour);
  if (tone) return { ...group, ...tone };
  const [red, green, blue] = bytesOfColour(colour);
  return {
    ...group,
    lips: hex([0.88 * red, 0.66 * green, 0.7 * blue]),
    nails: hex([red, green, blue].map((part) => 0.5 * part + 0.42 * 255)),
    flush: hex([0.99 * red + 0.01 * 255, 0.74 * green, 0.72 * blue]),
  };
}

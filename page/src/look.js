import { colourGroup, defaultColours } from "./colours.js";

/** What goes with the skin by itself. */
const WITH_SKIN = ["lips", "nails", "flush"];

/**
 * Gives a desk the look of an address; what the look does not speak of is as usual.
 * @param {import("./desk.js").Desk} desk
 * @param {import("./state.js").Look} look
 */
export function takeLook(desk, look) {
  const { sliders, outfit, colours, offset } = desk.usual();
  for (const [region, colour] of Object.entries(look.colours))
    if (colours.has(region))
      for (const [name, value] of Object.entries(colourGroup(desk.header, region, colour))) colours.set(name, value);
  sliders.forEach((_, i) => (sliders[i] = look.sliders[desk.words[i]] ?? 0));
  const known = desk.header.outfits?.choices.some(({ name }) => name === look.outfit);
  desk.restore({ sliders, outfit: known ? (look.outfit ?? outfit) : outfit, colours, offset });
}

/**
 * The look of a desk, without what is as usual.
 * @param {import("./desk.js").Desk} desk
 * @param {boolean} named whether the model has to be named
 * @returns {import("./state.js").Look}
 */
export function lookOf(desk, named) {
  const { header, words, outfit } = desk;
  const usual = defaultColours(header);
  const led = new Set([...Object.values(header.follow).flat(), ...(header.tones.length ? WITH_SKIN : [])]);
  return {
    model: named ? header.name : undefined,
    sliders: Object.fromEntries(words.map((word, i) => [word, desk.sliders[i]])),
    outfit: outfit !== null && outfit !== header.outfits?.default ? outfit : undefined,
    colours: Object.fromEntries(
      [...desk.colours].filter(([name, colour]) => colour !== usual.get(name) && !led.has(name)),
    ),
  };
}

import { colourGroup, defaultColours } from "./colours.js";
import { randomSliders } from "./math/random.js";

const REMEMBERED = 100;
/** A slider nearer to rest than this is at rest, with two decimals. */
export const AT_REST = 0.005;

/**
 * @typedef {object} State
 * @property {Float64Array} sliders (d)
 * @property {string | null} outfit
 * @property {Map<string, string>} colours region -> "#rrggbb"
 * @property {Float64Array | null} offset (K) coefficients that a fit to a picture adds
 */

/** One model's sliders, clothes and colours. It tells of "sliders", "outfit", "colours", "alone" and "kept". */
export class Desk extends EventTarget {
  /** @param {import("./data/model.js").Model} model */
  constructor(model) {
    super();
    this.model = model;
    this.header = model.header;
    this.words = model.mapper.words;
    this.reach = model.mapper.reach;
    /** Whether words are tried one at a time. */
    this.alone = false;
    const { sliders, outfit, colours, offset } = this.usual();
    this.sliders = sliders;
    this.offset = offset;
    this.outfit = outfit;
    this.colours = colours;
    /** @type {State[]} */
    this.past = [];
    this.kept = this.state();
  }

  /** Sliders at rest, clothes and colours as the model was made. @returns {State} */
  usual() {
    return {
      sliders: new Float64Array(this.words.length),
      outfit: this.header.outfits?.default ?? null,
      colours: defaultColours(this.header),
      offset: null,
    };
  }

  /** @returns {State} */
  state() {
    return { sliders: this.sliders.slice(), outfit: this.outfit, colours: new Map(this.colours), offset: this.offset };
  }

  /** @param {string} what */
  tell(what) {
    this.dispatchEvent(new Event(what));
  }

  /**
   * Moves one slider; the others go to rest where words are tried one at a time.
   * @param {number} word
   * @param {number} value
   */
  set(word, value) {
    if (this.alone) this.sliders.fill(0);
    this.sliders[word] = this.held(value);
    this.tell("sliders");
  }

  /** @param {ArrayLike<number>} values (d) */
  setAll(values) {
    this.sliders.forEach((_, i) => (this.sliders[i] = this.held(values[i] ?? 0)));
    this.tell("sliders");
  }

  /** @param {number} value */
  held(value) {
    return Math.min(this.reach, Math.max(-this.reach, Number.isFinite(value) ? value : 0));
  }

  /** @param {number} seed */
  random(seed) {
    this.setAlone(false);
    this.setAll(randomSliders(this.model.mapper, seed));
    this.keep();
  }

  /** The word that is farthest from rest stays. @param {boolean} alone */
  setAlone(alone) {
    this.alone = alone;
    this.tell("alone");
    if (!alone) return;
    const farthest = this.sliders.reduce(
      (best, value, i, all) => (Math.abs(value) > Math.abs(all[best]) ? i : best),
      0,
    );
    this.set(farthest, this.sliders[farthest]);
    this.keep();
  }

  /** @param {string | null} outfit one that the model does not have changes nothing */
  setOutfit(outfit) {
    if (outfit === this.outfit || !this.header.outfits?.choices.some(({ name }) => name === outfit)) return;
    this.outfit = outfit;
    this.tell("outfit");
  }

  /** A colour, and those that go along with it. @param {string} region @param {string} colour "#rrggbb" */
  setColour(region, colour) {
    this.setColours(colourGroup(this.header, region, colour));
  }

  /** @param {Record<string, string>} colours region -> "#rrggbb" */
  setColours(colours) {
    let changed = false;
    for (const [region, colour] of Object.entries(colours)) {
      if (!this.colours.has(region) || this.colours.get(region) === colour.toLowerCase()) continue;
      this.colours.set(region, colour.toLowerCase());
      changed = true;
    }
    if (changed) this.tell("colours");
  }

  /** @param {import("./data/header.js").Preset} preset */
  takePreset({ sliders, outfit, colours }) {
    this.setAlone(false);
    const usual = this.usual();
    for (const [region, colour] of Object.entries(colours)) usual.colours.set(region, colour);
    this.restore({ ...usual, sliders: Float64Array.from(sliders), outfit });
    this.keep();
  }

  reset() {
    this.restore(this.usual());
    this.keep();
  }

  /** @param {State} state */
  restore({ sliders, outfit, colours, offset }) {
    this.offset = offset;
    this.setOutfit(outfit);
    this.setColours(Object.fromEntries(colours));
    this.setAll(sliders);
  }

  /** A change has ended: undo goes back to before it. */
  keep() {
    const now = this.state();
    if (plain(now) === plain(this.kept)) return;
    this.past.push(this.kept);
    if (this.past.length > REMEMBERED) this.past.shift();
    this.kept = now;
    this.tell("kept");
  }

  /** The look as it is now is where undo ends. */
  beginHere() {
    this.past.length = 0;
    this.kept = this.state();
    this.tell("kept");
  }

  undo() {
    const before = this.past.pop();
    if (!before) return;
    this.kept = before;
    this.restore(before);
    this.tell("kept");
  }
}

/** @param {State} state */
const plain = ({ sliders, outfit, colours, offset }) =>
  JSON.stringify([[...sliders], outfit, [...colours], offset && [...offset]]);

import { drawnIn } from "./data/drawn.js";
import { sharesMoved } from "./math/heat.js";
import { Shape } from "./math/shape.js";
import { Figure } from "./view/figure.js";
import { Paint } from "./view/paint.js";

/** Values at which a word is seen side by side: low, at rest, high. */
const ENDS = [-1, 0, 1];
const UNKNOWN = "#cccccc";

/**
 * What is seen of a desk: its figure, the heat of a word on it, or a word at both ends. It tells of "shown" and "worn".
 */
export class Display extends EventTarget {
  /**
   * @param {import("./desk.js").Desk} desk
   * @param {import("./data/model.js").Geometry} geometry
   * @param {import("./view/studio.js").Studio} studio
   */
  constructor(desk, geometry, studio) {
    super();
    this.desk = desk;
    this.geometry = geometry;
    this.studio = studio;
    this.paint = geometry.paints.length && geometry.uv ? new Paint(desk.header, geometry) : null;
    this.drawn = drawnIn(desk.header, geometry, desk.outfit);
    this.shapes = [new Shape(desk.model.mapper, geometry, desk.header.framing.floor)];
    /** @type {Figure[]} */
    this.figures = [];
    /** @type {Shape[]} a word's low and high end, when its heat is shown */
    this.ends = [];
    /** @type {number | null} word whose heat is shown */
    this.heated = null;
    /** @type {number | null} word that is seen side by side */
    this.compared = null;
    /** Milliseconds of script that the last change of a slider took. */
    this.took = 0;
    this.addFigure();
    this.move();
    desk.addEventListener("sliders", () => this.move());
    desk.addEventListener("colours", () => this.dye());
    desk.addEventListener("outfit", () => this.wear());
  }

  /** The shape that the sliders say. */
  get shape() {
    return this.shapes[0];
  }

  addFigure() {
    const figure = new Figure(this.desk.header, this.studio.shared, this.paint && this.geometry.uv);
    this.figures.push(figure);
    figure.wear(this.drawn);
    this.dye();
  }

  /** Onto the stage. */
  enter() {
    if (this.paint) this.studio.shared.picture.value = this.paint.texture;
    this.studio.stage(this.onStage());
    this.studio.frame(this.room(), true);
  }

  onStage() {
    return this.compared === null ? this.figures.slice(0, 1) : this.figures;
  }

  /** What the figures fill, each in the same place, in three.js's axes. */
  room() {
    const { floor, turn, height, centre } = this.desk.header.framing;
    const low = [Infinity, Infinity, Infinity],
      high = [-Infinity, -Infinity, -Infinity];
    for (const { positions, lowest } of this.shapes.slice(0, this.onStage().length))
      for (const v of this.drawn.triangles) {
        const x = positions[3 * v],
          y = positions[3 * v + 2] - lowest,
          z = -positions[3 * v + 1];
        if (x < low[0]) low[0] = x;
        if (x > high[0]) high[0] = x;
        if (y < low[1]) low[1] = y;
        if (y > high[1]) high[1] = y;
        if (z < low[2]) low[2] = z;
        if (z > high[2]) high[2] = z;
      }
    // the window of its pictures has room for the tallest; feet are 4 % above its lower edge
    if (floor) [low[1], high[1]] = [0, Math.max(high[1], 0.96 * height)];
    else [low[1], high[1]] = [Math.max(low[1], centre[2] - height / 2), Math.min(high[1], centre[2] + height / 2)];
    return { low, high, floor, turn };
  }

  /** The sliders have changed. */
  move() {
    const began = performance.now();
    for (const [i, figure] of this.onStage().entries()) {
      const sliders = this.desk.sliders.slice();
      if (this.compared !== null) sliders[this.compared] = ENDS[i];
      const shape = this.shapes[i];
      shape.take(sliders, this.desk.offset, this.drawn);
      figure.show(shape.positions, shape.normals);
      figure.stand(shape.lowest);
    }
    this.took = performance.now() - began;
    if (this.heated !== null) this.warm(this.heated);
    this.studio.shaped();
  }

  /** The outfit has changed. */
  wear() {
    this.drawn = drawnIn(this.desk.header, this.geometry, this.desk.outfit);
    for (const figure of this.figures) figure.wear(this.drawn);
    this.move();
    this.dispatchEvent(new Event("worn"));
  }

  /** Colours have changed. */
  dye() {
    const { colours, header } = this.desk;
    this.paint?.draw(colours);
    for (const figure of this.figures) figure.colour(header.regions.map(({ name }) => colours.get(name) ?? UNKNOWN));
    this.studio.changed();
  }

  /** Shows where a word acts; null takes it off. @param {number | null} word */
  setHeated(word) {
    if (word !== null) this.setCompared(null);
    this.heated = word;
    if (word === null) this.figures[0].heat(null);
    else this.warm(word);
    this.studio.changed();
    this.dispatchEvent(new Event("shown"));
  }

  /** @param {number} word */
  warm(word) {
    const { mapper } = this.desk.model;
    while (this.ends.length < 2) this.ends.push(new Shape(mapper, this.geometry, false));
    for (const [i, shape] of this.ends.entries()) {
      const sliders = this.desk.sliders.slice();
      sliders[word] = 2 * i - 1;
      shape.place(sliders, this.desk.offset, this.drawn.ranges);
      shape.copy();
    }
    this.figures[0].heat(sharesMoved(this.ends[0].positions, this.ends[1].positions, this.drawn.shown));
  }

  /**
   * Shows a word at its low end, at rest and at its high end, side by side; null: the figure alone.
   * @param {number | null} word
   */
  setCompared(word) {
    if (word === this.compared) return;
    if (word !== null) this.setHeated(null);
    this.compared = word;
    const { mapper } = this.desk.model;
    while (word !== null && this.figures.length < ENDS.length) {
      this.shapes.push(new Shape(mapper, this.geometry, this.desk.header.framing.floor));
      this.addFigure();
    }
    this.move();
    this.studio.stage(this.onStage());
    this.studio.frame(this.room(), false);
    this.dispatchEvent(new Event("shown"));
  }
}

import { DataTexture, LinearMipmapLinearFilter, LinearFilter, SRGBColorSpace } from "three";

const EDGE = 127.5;
/** A number of the distances that is still near enough to a line for the picture's own blur to reach. */
const NEAR = 40;
const FLUSH = "flush",
  FLUSH_MOST = 0.55;

/** @param {string} colour "#rrggbb" @returns {number[]} 0..255 */
export const bytesOfColour = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** The lines of hair, brows, lips, nails and eyes as one picture; its alpha says how much of the skin they hide. */
export class Paint {
  /**
   * @param {import("../data/header.js").ModelHeader} header
   * @param {import("../data/model.js").Geometry} geometry
   */
  constructor({ paints, paintSize }, geometry) {
    this.paints = paints;
    this.distances = geometry.paints;
    this.side = paintSize;
    this.pixels = new Uint8Array(4 * this.side * this.side);
    this.texture = new DataTexture(this.pixels, this.side, this.side);
    this.texture.colorSpace = SRGBColorSpace;
    this.texture.magFilter = LinearFilter;
    this.texture.minFilter = LinearMipmapLinearFilter;
    this.texture.generateMipmaps = true;
  }

  /** @param {Map<string, string>} colours region -> "#rrggbb" */
  draw(colours) {
    this.pixels.fill(0);
    this.paints.forEach((paint, i) =>
      this.lay(paint, this.distances[i], bytesOfColour(colours.get(paint.name) ?? paint.colour)),
    );
    this.texture.needsUpdate = true;
  }

  /** @param {import("../data/header.js").Paint} paint @param {Uint8Array} distances @param {number[]} colour */
  lay({ name, rectangle: [left, top, columns, rows], step }, distances, colour) {
    // between the middles of four numbers there are step × step pixels
    const first = Math.floor(step / 2);
    for (let row = -1; row < rows; row++) {
      const above = columns * Math.max(0, row),
        below = columns * Math.min(rows - 1, row + 1);
      const y = row * step + first,
        behind = Math.min(step, rows * step - y);
      for (let column = -1; column < columns; column++) {
        const before = Math.max(0, column),
          after = Math.min(columns - 1, column + 1);
        const a = distances[above + before],
          b = distances[above + after];
        const c = distances[below + before],
          d = distances[below + after];
        if (a + b + c + d === 0) continue;
        // the edge is a pixel of this picture wide
        const slope = Math.max(1, Math.sqrt((b - a) ** 2 + (c - a) ** 2) / step);
        const x = column * step + first,
          right = Math.min(step, columns * step - x);
        for (let dy = Math.max(0, -y); dy < behind; dy++) {
          const v = (first + dy + 0.5) / step - 0.5;
          const start = a + (c - a) * v,
            end = b + (d - b) * v;
          for (let dx = Math.max(0, -x); dx < right; dx++) {
            const value = start + (end - start) * ((first + dx + 0.5) / step - 0.5);
            const share = name === FLUSH ? (value / 255) * FLUSH_MOST : (value - EDGE) / slope + 0.5;
            this.dot(4 * ((top + y + dy) * this.side + left + x + dx), Math.min(1, share), value > NEAR, colour);
          }
        }
      }
    }
  }

  /**
   * @param {number} at of the pixel
   * @param {number} share that is hidden
   * @param {boolean} near whether a line's edge is, so that the colour is blurred into it
   * @param {number[]} colour
   */
  dot(at, share, near, [red, green, blue]) {
    const { pixels } = this;
    if (share <= 0) {
      if (!near || pixels[at + 3]) return;
      pixels[at] = red;
      pixels[at + 1] = green;
      pixels[at + 2] = blue;
      return;
    }
    const under = (pixels[at + 3] / 255) * (1 - share),
      all = share + under;
    pixels[at] = (red * share + pixels[at] * under) / all;
    pixels[at + 1] = (green * share + pixels[at + 1] * under) / all;
    pixels[at + 2] = (blue * share + pixels[at + 2] * under) / all;
    pixels[at + 3] = 255 * all;
  }
}

import { addOffset, coefficientsOf, scoresOf } from "./mapper.js";
import { writeNormals } from "./normals.js";

/** Positions and normals of one shape, and what it takes to change them within a frame. */
export class Shape {
  /**
   * @param {import("./mapper.js").Mapper} mapper
   * @param {import("../data/model.js").Geometry} geometry
   * @param {boolean} floor whether it stands on one
   */
  constructor(mapper, geometry, floor) {
    this.mapper = mapper;
    this.geometry = geometry;
    this.floor = floor;
    const shown = geometry.count + geometry.copies.length;
    /** Metres, Z up, as the model has them. Vertices that no face shows are left as they were. */
    this.positions = new Float32Array(3 * shown);
    this.normals = new Float32Array(3 * shown);
    this.positions.set(geometry.template);
    /** The z that is lifted onto the floor. */
    this.lowest = 0;
  }

  /**
   * Takes the form of sliders.
   * @param {ArrayLike<number>} sliders (d)
   * @param {Float64Array | null} offset (K) what is added to their coefficients
   * @param {import("../data/drawn.js").Drawn} drawn
   */
  take(sliders, offset, drawn) {
    this.place(sliders, offset, drawn.ranges);
    writeNormals(this.positions, drawn.triangles, this.normals);
    this.copy();
    this.lowest = this.floor ? lowestOf(this.positions, drawn.triangles) : 0;
  }

  /**
   * Writes the positions alone.
   * @param {ArrayLike<number>} sliders (d)
   * @param {Float64Array | null} offset (K)
   * @param {[number, number][]} ranges first and count of the vertices that are needed
   */
  place(sliders, offset, ranges) {
    const weights = this.weights(sliders, offset);
    for (const [first, count] of ranges) this.blend(weights, 3 * first, 3 * (first + count));
  }

  /** Metres a step of each component. @param {ArrayLike<number>} sliders @param {Float64Array | null} offset */
  weights(sliders, offset) {
    const { projection, projectionMean, step, basis } = this.geometry;
    const coefficients = coefficientsOf(this.mapper, scoresOf(this.mapper, sliders));
    const given = coefficients.length;
    if (offset) addOffset(this.mapper, coefficients, offset);
    return Float64Array.from(basis, (_, r) => {
      let sum = 0;
      for (let k = 0; k < given; k++) sum += projection[r * given + k] * (coefficients[k] - projectionMean[k]);
      return step * sum;
    });
  }

  /** @param {Float64Array} w @param {number} from @param {number} to */
  blend(w, from, to) {
    const { template, basis } = this.geometry;
    const out = this.positions;
    for (let i = from; i < to; i++) out[i] = template[i];
    let r = 0;
    // four at a time: what is written once need not be read three times
    for (; r + 3 < w.length; r += 4) addFour(out, basis[r], basis[r + 1], basis[r + 2], basis[r + 3], w, r, from, to);
    for (; r < w.length; r++) for (let i = from, b = basis[r]; i < to; i++) out[i] += w[r] * b[i];
  }

  /** Vertices that lie at several places of the picture follow the first one. */
  copy() {
    const { copies, count } = this.geometry;
    for (let c = 0; c < copies.length; c++)
      for (let axis = 0, at = 3 * (count + c), from = 3 * copies[c]; axis < 3; axis++) {
        this.positions[at + axis] = this.positions[from + axis];
        this.normals[at + axis] = this.normals[from + axis];
      }
  }
}

/**
 * @param {Float32Array} out
 * @param {any} a @param {any} b @param {any} c @param {any} d
 * @param {Float64Array} w @param {number} r @param {number} from @param {number} to
 */
function addFour(out, a, b, c, d, w, r, from, to) {
  const wa = w[r],
    wb = w[r + 1],
    wc = w[r + 2],
    wd = w[r + 3];
  for (let i = from; i < to; i++) out[i] += wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i];
}

/** @param {Float32Array} positions @param {Uint32Array} triangles */
function lowestOf(positions, triangles) {
  let lowest = Infinity;
  for (let t = 0; t < triangles.length; t++) {
    const z = positions[3 * triangles[t] + 2];
    if (z < lowest) lowest = z;
  }
  return lowest;
}

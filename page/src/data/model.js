import { bytesOf, numbersAt } from "./arrays.js";
import { basisOf } from "./basis.js";
import { seenBefore, uvVertices } from "./uv.js";

/**
 * @typedef {object} Geometry
 * @property {number} count N, vertices of all pieces
 * @property {Float32Array} template (N × 3) metres, Z up
 * @property {(Int16Array | Int32Array)[]} basis R of (N × 3), in steps
 * @property {number} step metres
 * @property {Float32Array} projection (R × K)
 * @property {Float32Array} projectionMean (K)
 * @property {Uint8Array} faceSizes
 * @property {Uint32Array} corners
 * @property {Uint32Array} shownCorners of each corner, the vertex of the drawing: N and those that UV seams split
 * @property {Uint32Array} copies of what vertex each vertex from N on is a copy
 * @property {Float32Array | null} uv (vertices of the drawing × 2)
 * @property {Uint8Array} faceRegions of the body
 * @property {Map<number, Uint8Array>} covers piece -> faces of the body that it hides
 * @property {Uint8Array[]} paints
 *
 * @typedef {object} Model
 * @property {import("./header.js").ModelHeader} header
 * @property {import("../math/mapper.js").Mapper} mapper
 * @property {Geometry | null} geometry
 */

/**
 * @param {import("./header.js").ModelHeader} header
 * @param {{packed: number}[]} elements of the page that hold data
 * @returns {Promise<Model>}
 */
export async function loadModel(header, elements) {
  const data = new Map();
  for (const { data: number } of Object.values(header.arrays))
    data.set(number, bytesOf(number, elements[number].packed));
  for (const [number, bytes] of data) data.set(number, await bytes);
  /** @param {string} name */
  const read = (name) => numbersAt(data.get(header.arrays[name].data), header.arrays[name]);
  return {
    header,
    mapper: mapperOf(header, read),
    geometry: header.shape ? geometryOf(header, read, (place) => data.get(place.data).subarray(place.at)) : null,
  };
}

/**
 * @param {import("./header.js").ModelHeader} header
 * @param {(name: string) => any} read
 * @returns {import("../math/mapper.js").Mapper}
 */
function mapperOf({ words, mapper, arrays }, read) {
  const radius = mapper.insideRadius;
  return {
    words: words.map(({ word }) => word),
    low: Float32Array.from(words, ({ low }) => low),
    rest: Float32Array.from(words, ({ rest }) => rest),
    high: Float32Array.from(words, ({ high }) => high),
    scoreMean: read("scoreMean"),
    scoreDeviation: read("scoreDeviation"),
    scoreCovariance: read("scoreCovariance"),
    coefficientMean: read("coefficientMean"),
    coefficientScale: read("coefficientScale"),
    layers: mapper.layers.map(([inputs, outputs], i) => ({
      inputs,
      outputs,
      weight: weights(read(`layer${i}Weight`), read(`layer${i}Scale`), inputs),
      bias: read(`layer${i}Bias`),
    })),
    bound: mapper.bound,
    limits: "limits" in arrays ? read("limits") : null,
    inside: radius === null ? null : { mean: read("insideMean"), whitening: read("whitening"), radius },
    reach: mapper.reach,
  };
}

/** @param {ArrayLike<number>} numbers @param {Float32Array} scale one for each output @param {number} inputs */
function weights(numbers, scale, inputs) {
  const found = new Float32Array(numbers.length);
  for (let o = 0, w = 0; o < scale.length; o++) for (let i = 0; i < inputs; i++, w++) found[w] = scale[o] * numbers[w];
  return found;
}

/**
 * @param {import("./header.js").ModelHeader} header
 * @param {(name: string) => any} read
 * @param {(place: import("./header.js").ArrayPlace) => Uint8Array} bytesFrom
 * @returns {Geometry}
 */
function geometryOf({ shape, pieces, paints, arrays }, read, bytesFrom) {
  if (!shape) throw new Error("the model has no shape");
  const { vertices: count, components, origin, step, basisStep, faces, faceSize, uvSteps } = shape;
  const places = read("template");
  const template = new Float32Array(3 * count);
  for (let axis = 0; axis < 3; axis++)
    for (let v = 0; v < count; v++) template[3 * v + axis] = origin[axis] + step * places[axis * count + v];
  const coarse = new Uint8Array(count);
  for (const {
    vertices: [first, many],
    coarse: steps,
  } of pieces)
    coarse.fill(steps, first, first + many);
  const basis = basisOf(bytesFrom(arrays.basis), places, components, coarse);
  const corners = new Uint32Array(read("corners"));
  const uv = "uv" in arrays ? seenBefore(read("uv"), corners) : null;
  return {
    count,
    template,
    basis,
    corners,
    step: basisStep,
    projection: read("projection"),
    projectionMean: read("projectionMean"),
    faceSizes: "faceSizes" in arrays ? read("faceSizes") : new Uint8Array(faces).fill(faceSize ?? 3),
    ...uvVertices(corners, uv, uvSteps, count),
    faceRegions: read("faceRegions"),
    covers: new Map(pieces.flatMap((piece, p) => (piece.covers ? [[p, read(`covers${p}`)]] : []))),
    paints: paints.map((_, i) => read(`paint${i}`)),
  };
}

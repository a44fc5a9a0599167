import { familyOf, PARENTS } from "./family.js";
import { Rice } from "./rice.js";

/**
 * The displacements of all components, in steps.
 * @param {Uint8Array} bytes the stream of what is not as predicted
 * @param {Uint16Array} template (3 × N) x of all vertices, y, z, in steps
 * @param {number} components R
 * @param {Uint8Array} coarse (N) steps that a displacement of a vertex is a multiple of
 * @returns {(Int16Array | Int32Array)[]} R of (N × 3)
 */
export function basisOf(bytes, template, components, coarse) {
  const count = template.length / 3;
  const places = [0, 1, 2].map((axis) => template.subarray(axis * count, (axis + 1) * count));
  const { order, counts, parents, weights } = familyOf(places);
  const stream = new Rice(bytes);
  const [ofX, ofY, ofZ] = [0, 1, 2].map(() => new Int32Array(count));
  return Array.from({ length: components }, () => {
    const component = new Int32Array(3 * count);
    for (const residuals of [ofX, ofY, ofZ]) stream.read(residuals);
    let most = 0;
    for (let rank = 0, at = 0; rank < count; rank++, at += PARENTS) {
      let x = 0,
        y = 0,
        z = 0;
      for (let j = at, end = at + counts[rank]; j < end; j++) {
        const weight = weights[j],
          parent = 3 * parents[j];
        x += weight * component[parent];
        y += weight * component[parent + 1];
        z += weight * component[parent + 2];
      }
      const v = 3 * order[rank],
        step = coarse[order[rank]];
      x = component[v] = step * (Math.floor(x / step + 0.5) + ofX[rank]);
      y = component[v + 1] = step * (Math.floor(y / step + 0.5) + ofY[rank]);
      z = component[v + 2] = step * (Math.floor(z / step + 0.5) + ofZ[rank]);
      most = Math.max(most, x, y, z, -x, -y, -z);
    }
    return most < 32768 ? new Int16Array(component) : component;
  });
}

/** sRGB of what stays to what goes farthest, as in Blender's panel: it gets lighter before it gets red. */
export const HEAT = [
  [0.17, 0.2, 0.32],
  [0.2, 0.42, 0.62],
  [0.36, 0.66, 0.56],
  [0.93, 0.78, 0.35],
  [0.86, 0.3, 0.18],
];

/** @param {number} share in 0..1 @returns {number[]} sRGB */
export function heatColour(share) {
  const at = Math.min(1, Math.max(0, share)) * (HEAT.length - 1);
  const step = Math.min(HEAT.length - 2, Math.floor(at));
  return HEAT[step].map((from, i) => from + (HEAT[step + 1][i] - from) * (at - step));
}

/**
 * How far each vertex goes between two shapes, over the farthest of those that are drawn.
 * @param {Float32Array} low (N × 3)
 * @param {Float32Array} high (N × 3)
 * @param {Uint32Array} triangles what is drawn
 */
export function sharesMoved(low, high, triangles) {
  const shares = new Float32Array(low.length / 3);
  let most = 1e-9;
  for (let v = 0; v < shares.length; v++) {
    const i = 3 * v;
    const x = high[i] - low[i],
      y = high[i + 1] - low[i + 1],
      z = high[i + 2] - low[i + 2];
    shares[v] = Math.sqrt(x * x + y * y + z * z);
  }
  for (const v of triangles) most = Math.max(most, shares[v]);
  // what a garment hides may go farther
  return shares.map((share) => Math.min(1, share / most));
}

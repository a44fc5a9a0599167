import { Cells } from "./cells.js";

/** Parents that a vertex is predicted from, at most. */
export const PARENTS = 6;
const COARSEST = 16,
  FINEST = 4;

/**
 * @typedef {object} Family vertices from coarse to fine; nothing of it is in the file, both sides work it out
 * @property {Uint32Array} order vertex of each rank
 * @property {Uint32Array} ranks of each vertex
 * @property {Uint8Array} counts of parents, by rank
 * @property {Uint32Array} parents (N × PARENTS) vertices, by rank, nearest first
 * @property {Float64Array} weights (N × PARENTS)
 */

/** @param {Uint16Array[]} places x, y and z of all vertices, in steps @returns {Family} */
export function familyOf(places) {
  const count = places[0].length;
  const family = {
    order: new Uint32Array(count),
    ranks: new Uint32Array(count),
    counts: new Uint8Array(count),
    parents: new Uint32Array(count * PARENTS),
    weights: new Float64Array(count * PARENTS),
  };
  const found = new Int32Array(count);
  let left = new Uint32Array(count).map((_, v) => v);
  let ranked = 0;
  for (let shift = COARSEST; left.length; shift--) {
    const last = shift < FINEST;
    const before = ranked;
    const taken = new Cells(places, shift),
      known = new Cells(places, last ? FINEST : shift + 1);
    for (let rank = 0; rank < before; rank++) {
      taken.add(family.order[rank]);
      known.add(family.order[rank]);
    }
    const waiting = left;
    let stay = 0;
    for (const v of waiting) {
      if (!last && taken.has(v)) {
        waiting[stay++] = v;
        continue;
      }
      if (!last) taken.add(v);
      family.order[ranked] = v;
      family.ranks[v] = ranked;
      adopt(places, family, ranked++, found, known.around(v, found));
    }
    left = waiting.subarray(0, stay);
  }
  return family;
}

const squares = new Float64Array(PARENTS);

/**
 * The nearest of the candidates become parents.
 * @param {Uint16Array[]} places @param {Family} family @param {number} rank of the vertex
 * @param {Int32Array} candidates @param {number} count of them
 */
function adopt([x, y, z], family, rank, candidates, count) {
  const v = family.order[rank],
    at = rank * PARENTS;
  const { parents, ranks } = family;
  let n = 0;
  for (let c = 0; c < count; c++) {
    const other = candidates[c];
    const dx = x[other] - x[v],
      dy = y[other] - y[v],
      dz = z[other] - z[v];
    const square = dx * dx + dy * dy + dz * dz;
    let i = n;
    while (
      i > 0 &&
      (square < squares[i - 1] || (square === squares[i - 1] && ranks[other] < ranks[parents[at + i - 1]]))
    )
      i--;
    if (i === PARENTS) continue;
    if (n < PARENTS) n++;
    for (let j = n - 1; j > i; j--) {
      squares[j] = squares[j - 1];
      parents[at + j] = parents[at + j - 1];
    }
    squares[i] = square;
    parents[at + i] = other;
  }
  family.counts[rank] = n;
  if (n) weigh([x, y, z], family, rank, n);
}

const W = new Float64Array(PARENTS),
  X = new Float64Array(PARENTS),
  Y = new Float64Array(PARENTS),
  Z = new Float64Array(PARENTS);

/**
 * Weights of a plane through the parents, fitted by least squares. Both sides round alike: the order of sums counts.
 * @param {Uint16Array[]} places @param {Family} family @param {number} rank @param {number} n parents
 */
function weigh([x, y, z], family, rank, n) {
  const v = family.order[rank],
    at = rank * PARENTS;
  const { parents, weights } = family;
  let scale = 0;
  for (let j = 0; j < n; j++) scale += squares[j];
  scale = Math.max(scale / n, 1e-9);
  const root = Math.sqrt(scale);
  let sum = 0,
    mx = 0,
    my = 0,
    mz = 0;
  for (let j = 0; j < n; j++) {
    const other = parents[at + j];
    X[j] = (x[other] - x[v]) / root;
    Y[j] = (y[other] - y[v]) / root;
    Z[j] = (z[other] - z[v]) / root;
    W[j] = 1 / (squares[j] / scale + 0.01);
    sum += W[j];
    mx += W[j] * X[j];
    my += W[j] * Y[j];
    mz += W[j] * Z[j];
  }
  mx /= sum;
  my /= sum;
  mz /= sum;
  let xx = 0,
    xy = 0,
    xz = 0,
    yy = 0,
    yz = 0,
    zz = 0;
  for (let j = 0; j < n; j++) {
    X[j] -= mx;
    Y[j] -= my;
    Z[j] -= mz;
    xx += W[j] * X[j] * X[j];
    xy += W[j] * X[j] * Y[j];
    xz += W[j] * X[j] * Z[j];
    yy += W[j] * Y[j] * Y[j];
    yz += W[j] * Y[j] * Z[j];
    zz += W[j] * Z[j] * Z[j];
  }
  xx += 0.01 * sum;
  yy += 0.01 * sum;
  zz += 0.01 * sum;
  const axx = yy * zz - yz * yz,
    axy = xz * yz - xy * zz,
    axz = xy * yz - xz * yy;
  const ayy = xx * zz - xz * xz,
    ayz = xy * xz - xx * yz,
    azz = xx * yy - xy * xy;
  const det = xx * axx + xy * axy + xz * axz;
  const gx = (axx * mx + axy * my + axz * mz) / det;
  const gy = (axy * mx + ayy * my + ayz * mz) / det;
  const gz = (axz * mx + ayz * my + azz * mz) / det;
  for (let j = 0; j < n; j++) weights[at + j] = W[j] / sum - W[j] * (X[j] * gx + Y[j] * gy + Z[j] * gz);
}

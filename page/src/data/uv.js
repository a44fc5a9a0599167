/**
 * Vertices of the drawing: one that lies at several places of the picture is there once for each.
 * @param {Uint32Array} corners (L) vertex of each corner
 * @param {Uint16Array | null} uv (2 × C) of the first C corners, the body's
 * @param {number} steps of 0..1
 * @param {number} count N
 */
export function uvVertices(corners, uv, steps, count) {
  if (!uv) return { shownCorners: corners, copies: new Uint32Array(), uv: null };
  const places = uv.length / 2;
  const shownCorners = corners.slice();
  /** @type {number[]} */
  const copies = [];
  // the corner that a vertex of the drawing has its place from, and the next copy of the same vertex; 0 is none
  const placed = new Uint32Array(count + places).fill(0),
    next = new Uint32Array(count + places);
  for (let corner = 0; corner < places; corner++) {
    let at = corners[corner];
    while (placed[at]) {
      const known = placed[at] - 1;
      if (uv[known] === uv[corner] && uv[places + known] === uv[places + corner]) break;
      if (!next[at]) {
        next[at] = count + copies.length;
        copies.push(corners[corner]);
      }
      at = next[at];
    }
    placed[at] ||= corner + 1;
    shownCorners[corner] = at;
  }
  const shown = new Float32Array(2 * (count + copies.length));
  for (let v = 0; v < count + copies.length; v++) {
    if (!placed[v]) continue;
    shown[2 * v] = uv[placed[v] - 1] / steps;
    shown[2 * v + 1] = uv[places + placed[v] - 1] / steps;
  }
  return { shownCorners, copies: Uint32Array.from(copies), uv: shown };
}

/**
 * Undoes the coding "seen": a number is the difference to that of the last corner of the same vertex, or else of the
 * corner before.
 * @param {Uint16Array} uv (2 × C), changed
 * @param {Uint32Array} corners (L) vertex of each corner
 */
export function seenBefore(uv, corners) {
  const places = uv.length / 2;
  const last = new Int32Array(corners.reduce((most, v) => Math.max(most, v), 0) + 1).fill(-1);
  for (let corner = 0; corner < places; corner++) {
    const seen = last[corners[corner]];
    const from = seen < 0 ? corner - 1 : seen;
    for (const row of from < 0 ? [] : [0, places]) uv[row + corner] += uv[row + from];
    last[corners[corner]] = corner;
  }
  return uv;
}

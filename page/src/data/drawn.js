/**
 * @typedef {object} Drawn the faces that an outfit shows, region after region
 * @property {number[]} pieces
 * @property {[number, number][]} ranges first and count of the vertices that are needed
 * @property {Uint32Array} triangles (T × 3) vertices
 * @property {Uint32Array} shown (T × 3) the same as vertices of the drawing
 * @property {{start: number, count: number, region: number}[]} groups of corners
 * @property {Uint32Array} faces those that are shown, in their own order
 * @property {Uint8Array} faceRegions region of each of all faces
 */

/**
 * @param {import("./header.js").ModelHeader} header
 * @param {import("./model.js").Geometry} geometry
 * @param {string | null} outfit null for a model without any
 * @returns {Drawn}
 */
export function drawnIn({ pieces, outfits, regions }, geometry, outfit) {
  const worn = outfits?.choices.find(({ name }) => name === outfit)?.pieces ?? pieces.map((_, p) => p);
  const { faceSizes, corners, shownCorners, covers } = geometry;
  const faceRegions = new Uint8Array(faceSizes.length),
    isShown = new Uint8Array(faceSizes.length);
  for (const [
    p,
    {
      faces: [first, count],
      region,
    },
  ] of pieces.entries()) {
    for (let f = first; f < first + count; f++) faceRegions[f] = region < 0 ? geometry.faceRegions[f - first] : region;
    if (worn.includes(p)) isShown.fill(1, first, first + count);
  }
  const body = pieces[0].faces[0];
  for (const p of worn) covers.get(p)?.forEach((hidden, f) => hidden && (isShown[body + f] = 0));

  const counts = new Uint32Array(regions.length);
  for (let f = 0; f < faceSizes.length; f++) if (isShown[f]) counts[faceRegions[f]] += 3 * (faceSizes[f] - 2);
  const groups = [];
  const next = new Uint32Array(regions.length);
  let total = 0;
  for (const [region, count] of counts.entries()) {
    next[region] = total;
    if (count) groups.push({ start: total, count, region });
    total += count;
  }
  const triangles = new Uint32Array(total),
    shown = new Uint32Array(total);
  for (let f = 0, corner = 0; f < faceSizes.length; corner += faceSizes[f++]) {
    if (!isShown[f]) continue;
    let at = next[faceRegions[f]];
    for (let i = 1; i + 1 < faceSizes[f]; i++)
      for (const c of [corner, corner + i, corner + i + 1]) {
        triangles[at] = corners[c];
        shown[at++] = shownCorners[c];
      }
    next[faceRegions[f]] = at;
  }
  return {
    pieces: worn,
    ranges: worn.map((p) => pieces[p].vertices),
    triangles,
    shown,
    groups,
    faceRegions,
    faces: Uint32Array.from(isShown.keys()).filter((f) => isShown[f]),
  };
}

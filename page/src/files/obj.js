import { compact } from "./glb.js";

/**
 * The shape as Wavefront OBJ with its quads: Y up, metres, one group a region.
 * @param {import("../display.js").Display} display
 * @returns {Blob}
 */
export function obj({ desk: { header }, shape, drawn, geometry: { count, faceSizes, corners } }) {
  const starts = new Uint32Array(faceSizes.length);
  for (let f = 1; f < faceSizes.length; f++) starts[f] = starts[f - 1] + faceSizes[f - 1];
  const order = drawn.faces.toSorted((a, b) => drawn.faceRegions[a] - drawn.faceRegions[b] || a - b);
  const used = Uint32Array.from([...order].flatMap((f) => [...corners.subarray(starts[f], starts[f] + faceSizes[f])]));
  const [kept, index] = compact(used, count);
  const { positions, lowest } = shape;
  const lines = [`# ${oneLine(header.label)} · ${oneLine(header.licence)}`, `o ${name(header.name)}`];
  for (const v of kept) {
    const [x, y, z] = positions.subarray(3 * v, 3 * v + 3);
    lines.push(`v ${x.toFixed(6)} ${(z - lowest).toFixed(6)} ${(-y).toFixed(6)}`);
  }
  let region = -1,
    at = 0;
  for (const f of order) {
    if (drawn.faceRegions[f] !== region) {
      region = drawn.faceRegions[f];
      lines.push(`g ${name(header.regions[region].name)}`, `usemtl ${name(header.regions[region].name)}`);
    }
    lines.push(`f ${Array.from(index.subarray(at, at + faceSizes[f]), (i) => i + 1).join(" ")}`);
    at += faceSizes[f];
  }
  return new Blob([lines.join("\n"), "\n"], { type: "text/plain" });
}

/** @param {string} text */
const oneLine = (text) => text.replace(/\s+/g, " ");
/** @param {string} text */
const name = (text) => oneLine(text).trim().replaceAll(" ", "_");

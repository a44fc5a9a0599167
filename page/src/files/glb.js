import { bytesOfColour } from "../view/paint.js";

/**
 * The shape as a binary glTF: Y up, metres, one primitive a region.
 * @param {import("../display.js").Display} display
 * @returns {Promise<Blob>}
 */
export async function glb({ desk, shape, drawn, geometry, paint, figures }) {
  const { header, colours } = desk;
  const { uv } = geometry;
  const [kept, index] = compact(drawn.shown, shape.positions.length / 3);
  const positions = turned(shape.positions, kept, shape.lowest),
    normals = turned(shape.normals, kept, 0);
  /** @type {Uint8Array[]} */
  const chunks = [];
  /** @type {object[]} */
  const bufferViews = [];
  /** @type {object[]} */
  const accessors = [];
  let length = 0;
  const view = (/** @type {Uint8Array} */ bytes, /** @type {number | undefined} */ target) => {
    bufferViews.push({ buffer: 0, byteOffset: length, byteLength: bytes.length, ...(target ? { target } : {}) });
    const padded = new Uint8Array(4 * Math.ceil(bytes.length / 4));
    padded.set(bytes);
    chunks.push(padded);
    length += padded.length;
    return bufferViews.length - 1;
  };
  const accessor = (/** @type {any} */ values, /** @type {string} */ type, /** @type {number} */ width, more = {}) => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const componentType = values instanceof Float32Array ? 5126 : 5125;
    accessors.push({
      bufferView: view(bytes, type === "SCALAR" ? 34963 : 34962),
      componentType,
      count: values.length / width,
      type,
      ...more,
    });
    return accessors.length - 1;
  };
  const attributes = {
    POSITION: accessor(positions, "VEC3", 3, bounds(positions)),
    NORMAL: accessor(normals, "VEC3", 3),
    ...(uv ? { TEXCOORD_0: accessor(places(uv, kept), "VEC2", 2) } : {}),
  };
  /** @type {Map<number, number>} region -> number of its texture */
  const textures = new Map();
  const images = [];
  if (paint)
    for (const { region } of drawn.groups.filter(({ region }) => figures[0].painted[region])) {
      const bytes = await png(paint, colours.get(header.regions[region].name) ?? "#cccccc");
      textures.set(region, images.push({ bufferView: view(bytes, undefined), mimeType: "image/png" }) - 1);
    }
  const primitives = drawn.groups.map(({ start, count, region }, material) => ({
    attributes,
    material,
    indices: accessor(index.subarray(start, start + count), "SCALAR", 1),
    mode: 4,
    region,
  }));
  const materials = primitives.map(({ region }) => ({
    name: header.regions[region].name,
    pbrMetallicRoughness: {
      metallicFactor: 0,
      roughnessFactor: 0.7,
      ...(textures.has(region)
        ? { baseColorTexture: { index: textures.get(region) } }
        : { baseColorFactor: [...linear(colours.get(header.regions[region].name) ?? "#cccccc"), 1] }),
    },
    doubleSided: true,
  }));
  const json = {
    asset: { version: "2.0", generator: "semantify", ...(header.licence ? { copyright: header.licence } : {}) },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0, name: header.name }],
    meshes: [{ name: header.name, primitives: primitives.map(({ region, ...primitive }) => primitive) }],
    materials,
    accessors,
    bufferViews,
    buffers: [{ byteLength: length }],
    ...(images.length ? { images, textures: images.map((_, source) => ({ source, sampler: 0 })), samplers: [{}] } : {}),
  };
  return container(json, chunks, length);
}

/** @param {object} json @param {Uint8Array[]} chunks @param {number} length */
function container(json, chunks, length) {
  const text = new TextEncoder().encode(JSON.stringify(json));
  const padded = new Uint8Array(4 * Math.ceil(text.length / 4)).fill(0x20);
  padded.set(text);
  const head = Uint32Array.of(0x46546c67, 2, 28 + padded.length + length, padded.length, 0x4e4f534a);
  return new Blob(/** @type {BlobPart[]} */ ([head, padded, Uint32Array.of(length, 0x004e4942), ...chunks]), {
    type: "model/gltf-binary",
  });
}

/**
 * Vertices that are used, and the corners counted over them.
 * @param {Uint32Array} corners
 * @param {number} count
 * @returns {[Uint32Array, Uint32Array]}
 */
export function compact(corners, count) {
  const number = new Uint32Array(count);
  /** @type {number[]} */
  const kept = [];
  const index = Uint32Array.from(corners, (v) => {
    if (!number[v]) number[v] = kept.push(v);
    return number[v] - 1;
  });
  return [Uint32Array.from(kept), index];
}

/** Z up to Y up. @param {Float32Array} values @param {Uint32Array} kept @param {number} lowest */
function turned(values, kept, lowest) {
  const out = new Float32Array(3 * kept.length);
  kept.forEach((v, i) => out.set([values[3 * v], values[3 * v + 2] - lowest, -values[3 * v + 1]], 3 * i));
  return out;
}

/** glTF's v runs down, and so do the rows of the picture's file. @param {Float32Array} uv @param {Uint32Array} kept */
function places(uv, kept) {
  const out = new Float32Array(2 * kept.length);
  kept.forEach((v, i) => out.set([uv[2 * v], 1 - uv[2 * v + 1]], 2 * i));
  return out;
}

/** @param {Float32Array} positions */
function bounds(positions) {
  const min = [Infinity, Infinity, Infinity],
    max = [-Infinity, -Infinity, -Infinity];
  positions.forEach((value, i) => {
    min[i % 3] = Math.min(min[i % 3], value);
    max[i % 3] = Math.max(max[i % 3], value);
  });
  return { min, max };
}

/** @param {string} colour "#rrggbb" @returns {number[]} scene-linear */
function linear(colour) {
  return [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
}

/**
 * The picture on a colour, as a file.
 * @param {import("../view/paint.js").Paint} paint
 * @param {string} colour "#rrggbb"
 * @returns {Promise<Uint8Array>}
 */
async function png({ pixels, side }, colour) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const image = new ImageData(side, side);
  const under = bytesOfColour(colour);
  for (let to = 0; to < pixels.length; to += 4) {
    const row = Math.trunc(to / (4 * side));
    const from = to + 4 * side * (side - 1 - 2 * row);
    const share = pixels[from + 3] / 255;
    for (let i = 0; i < 3; i++) image.data[to + i] = under[i] + (pixels[from + i] - under[i]) * share;
    image.data[to + 3] = 255;
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new Uint8Array(await /** @type {Blob} */ (blob).arrayBuffer());
}

import { bytesOfText } from "./text.js";

/** @typedef {Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Float32Array} Numbers */

const SIZES = { u8: 1, i8: 1, u16: 2, i16: 2, f16: 2, u32: 4, f32: 4 };
const ARRAYS = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  f16: Uint16Array,
  u32: Uint32Array,
  f32: Float32Array,
};

/** @type {Map<number, Promise<Uint8Array>>} */
const unpacked = new Map();

/**
 * The bytes of an element of the page, unpacked when they are first asked for.
 * @param {number} number
 * @param {number} packed bytes of the gzip
 */
export function bytesOf(number, packed) {
  let found = unpacked.get(number);
  if (!found) {
    const element = document.getElementById(`data-${number}`);
    found = unpack(bytesOfText(element?.textContent ?? "", packed));
    unpacked.set(number, found);
  }
  return found;
}

/** @param {Uint8Array} packed @returns {Promise<Uint8Array>} */
async function unpack(packed) {
  const stream = new Blob([/** @type {BlobPart} */ (packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * The numbers of one array as they were before they were packed.
 * @param {Uint8Array} bytes
 * @param {import("./header.js").ArrayPlace} place
 * @returns {Numbers}
 */
export function numbersAt(bytes, { at, count, type, coding, scale, shape }) {
  if (type === "rice") throw new Error("a Rice stream is no array");
  const numbers = joined(bytes.subarray(at, at + count * SIZES[type]), count, type, coding !== "plain");
  if (coding === "delta") sumUp(numbers, count);
  else if (coding === "rows") sumUp(numbers, shape ? shape[1] : count);
  const plain = type === "f16" ? Float32Array.from(numbers, half) : numbers;
  return scale === undefined ? plain : Float32Array.from(plain, (value) => value * scale);
}

/** @param {Uint8Array} bytes @param {number} count @param {keyof typeof SIZES} type @param {boolean} planes */
function joined(bytes, count, type, planes) {
  const size = SIZES[type];
  if (size > 1 && planes) {
    const whole = new Uint8Array(bytes.length);
    for (let plane = 0; plane < size; plane++)
      for (let i = 0, from = plane * count; i < count; i++) whole[i * size + plane] = bytes[from + i];
    return new ARRAYS[type](whole.buffer);
  }
  return new ARRAYS[type](bytes.slice().buffer);
}

/**
 * Running sums, which start anew with each row; typed arrays wrap as the packer did.
 * @param {Numbers} numbers
 * @param {number} row
 */
function sumUp(numbers, row) {
  for (let start = 0; start < numbers.length; start += row)
    for (let i = start + 1; i < start + row; i++) numbers[i] += numbers[i - 1];
}

/** @param {number} bits of a number of 16 bits */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1,
    exponent = (bits >> 10) & 31,
    fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return exponent === 31 ? sign * Infinity : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

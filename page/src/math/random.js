import { slidersOf } from "./mapper.js";
import { cholesky } from "./matrix.js";

/** Numbers in 0..1 that a seed fixes (mulberry32). @param {number} seed @returns {() => number} */
export function numbersOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A plausible character: scores drawn as they vary together in the training shapes, as sliders of two decimals.
 * @param {import("./mapper.js").Mapper} mapper
 * @param {number} seed
 */
export function randomSliders(mapper, seed) {
  const count = mapper.words.length;
  const next = numbersOf(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const drawn = Array.from({ length: count }, normal);
  const lower = cholesky(mapper.scoreCovariance, count);
  const scores = Float64Array.from(mapper.rest, (rest, row) => {
    let score = rest;
    for (let k = 0; k <= row; k++) score += lower[row * count + k] * drawn[k];
    return score;
  });
  return slidersOf(mapper, scores).map((value) => Math.round(100 * value) / 100);
}

/**
 * The learned mapper in plain JavaScript: what `core/mapper.py` does, number for number.
 *
 * @typedef {object} Layer
 * @property {number} inputs
 * @property {number} outputs
 * @property {Float32Array} weight (outputs × inputs), row after row
 * @property {Float32Array} bias (outputs)
 *
 * @typedef {object} Inside the likely shapes of the model's population
 * @property {Float32Array} mean (K)
 * @property {Float64Array} whitening (K × K), W with WᵀW the inverse covariance
 * @property {number} radius
 *
 * @typedef {object} Mapper
 * @property {string[]} words
 * @property {Float32Array} low (d) scores
 * @property {Float32Array} high
 * @property {Float32Array} rest
 * @property {Float32Array} scoreMean
 * @property {Float32Array} scoreDeviation
 * @property {Float32Array} scoreCovariance (d × d)
 * @property {Float32Array} coefficientMean (K)
 * @property {Float32Array} coefficientScale (K)
 * @property {Layer[]} layers
 * @property {number | null} bound
 * @property {Float32Array | null} limits (K × 2)
 * @property {Inside | null} inside
 * @property {number} reach how far a slider goes either way
 */

const SHARPNESS = 24;

/** log(1 + eˣ) without overflow. @param {number} x */
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * Slider positions to scores, linear on either side of rest.
 * @param {Mapper} mapper
 * @param {ArrayLike<number>} sliders (d)
 */
export function scoresOf(mapper, sliders) {
  const { low, high, rest } = mapper;
  return Float64Array.from(rest, (at, i) => at + sliders[i] * (sliders[i] < 0 ? at - low[i] : high[i] - at));
}

/**
 * Scores to slider positions, clipped to the mapper's reach.
 * @param {Mapper} mapper
 * @param {ArrayLike<number>} scores (d)
 */
export function slidersOf(mapper, scores) {
  const { low, high, rest, reach } = mapper;
  return Float64Array.from(rest, (at, i) => {
    const span = scores[i] < at ? at - low[i] : high[i] - at;
    return Math.min(reach, Math.max(-reach, (scores[i] - at) / Math.max(span, 1e-6)));
  });
}

/** @param {Layer} layer @param {Float64Array} x @param {boolean} rectified */
function through(layer, x, rectified) {
  const { inputs, outputs, weight, bias } = layer;
  const y = new Float64Array(outputs);
  for (let o = 0, w = 0; o < outputs; o++) {
    // four sums, so that the next product need not wait for the last one
    let a = bias[o],
      b = 0,
      c = 0,
      d = 0,
      i = 0;
    for (; i + 3 < inputs; i += 4, w += 4) {
      a += weight[w] * x[i];
      b += weight[w + 1] * x[i + 1];
      c += weight[w + 2] * x[i + 2];
      d += weight[w + 3] * x[i + 3];
    }
    for (; i < inputs; i++, w++) a += weight[w] * x[i];
    const sum = a + b + (c + d);
    y[o] = rectified && sum < 0 ? 0 : sum;
  }
  return y;
}

/** Mahalanobis distance in radii. @param {Inside} inside @param {Float64Array} x (K) */
function distance({ mean, whitening, radius }, x) {
  const count = x.length;
  let squares = 0;
  for (let row = 0, w = 0; row < count; row++) {
    let sum = 0;
    for (let i = 0; i < count; i++, w++) sum += whitening[w] * (x[i] - mean[i]);
    squares += sum * sum;
  }
  return Math.sqrt(squares) / radius;
}

/**
 * Drawn towards the mean.
 * @param {Inside} inside
 * @param {Float64Array} x (K), changed
 * @param {number} share of the way that is left
 */
function draw({ mean }, x, share) {
  for (let i = 0; i < x.length; i++) x[i] = mean[i] + (x[i] - mean[i]) * share;
}

/** Drawn towards the mean until inside, smoothly. @param {Inside} inside @param {Float64Array} x (K), changed */
function hold(inside, x) {
  const t = distance(inside, x);
  const near = 1 - softplus(SHARPNESS * (t - 1)) / (SHARPNESS * Math.max(t, 1e-3));
  draw(inside, x, t < 1 ? near : (1 - softplus(SHARPNESS * (1 - t)) / SHARPNESS) / t);
}

/**
 * Coefficients ξ (K) of scores Ω (d).
 * @param {Mapper} mapper
 * @param {ArrayLike<number>} scores
 */
export function coefficientsOf(mapper, scores) {
  const { scoreMean, scoreDeviation, coefficientMean, coefficientScale, layers, limits, bound, inside } = mapper;
  let x = Float64Array.from(scoreMean, (mean, i) => (scores[i] - mean) / scoreDeviation[i]);
  layers.forEach((layer, i) => (x = through(layer, x, i + 1 < layers.length)));
  for (let k = 0; k < x.length; k++) {
    x[k] = coefficientMean[k] + coefficientScale[k] * x[k];
    if (limits) {
      const low = limits[2 * k],
        width = limits[2 * k + 1] - low;
      const t = (SHARPNESS * (x[k] - low)) / width;
      x[k] = low + (width * (softplus(t) - softplus(t - SHARPNESS))) / SHARPNESS;
    } else if (bound !== null) x[k] = bound * Math.tanh(x[k] / bound);
  }
  if (inside) hold(inside, x);
  return x;
}

/**
 * What a fit to a picture adds to coefficients, kept inside the limits and the population.
 * @param {Mapper} mapper
 * @param {Float64Array} x (K), changed
 * @param {Float64Array} offset (K)
 */
export function addOffset({ limits, inside }, x, offset) {
  for (let k = 0; k < x.length; k++) {
    x[k] += offset[k];
    if (limits) x[k] = Math.min(limits[2 * k + 1], Math.max(limits[2 * k], x[k]));
  }
  if (inside) draw(inside, x, 1 / Math.max(1, distance(inside, x)));
}

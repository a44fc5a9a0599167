/**
 * Lower triangle L with L·Lᵀ = matrix + ridge·1; a direction without variance becomes a row of zeros.
 * @param {ArrayLike<number>} matrix (n × n), symmetric
 * @param {number} n
 * @param {number} ridge
 */
export function cholesky(matrix, n, ridge = 0) {
  const lower = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column] + (row === column ? ridge : 0);
      for (let k = 0; k < column; k++) sum -= lower[row * n + k] * lower[column * n + k];
      if (row === column) lower[row * n + row] = Math.sqrt(Math.max(sum, 0));
      else if (lower[column * n + column] > 0) lower[row * n + column] = sum / lower[column * n + column];
    }
  }
  return lower;
}

/**
 * The inverse of a lower triangle without zeros on its diagonal.
 * @param {Float64Array} lower (n × n)
 * @param {number} n
 */
export function inverseOfLower(lower, n) {
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    for (let row = column; row < n; row++) {
      let sum = row === column ? 1 : 0;
      for (let k = column; k < row; k++) sum -= lower[row * n + k] * inverse[k * n + column];
      inverse[row * n + column] = sum / lower[row * n + row];
    }
  }
  return inverse;
}

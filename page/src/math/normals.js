/**
 * Smooth normals of the triangles that are drawn, each weighted by its area.
 * @param {Float32Array} positions (N × 3)
 * @param {Uint32Array} triangles (T × 3)
 * @param {Float32Array} normals (N × 3), written; zero where no triangle is
 */
export function writeNormals(positions, triangles, normals) {
  normals.fill(0);
  for (let t = 0; t < triangles.length; t += 3) {
    const a = 3 * triangles[t],
      b = 3 * triangles[t + 1],
      c = 3 * triangles[t + 2];
    const ax = positions[a],
      ay = positions[a + 1],
      az = positions[a + 2];
    const ux = positions[b] - ax,
      uy = positions[b + 1] - ay,
      uz = positions[b + 2] - az;
    const vx = positions[c] - ax,
      vy = positions[c + 1] - ay,
      vz = positions[c + 2] - az;
    const x = uy * vz - uz * vy,
      y = uz * vx - ux * vz,
      z = ux * vy - uy * vx;
    normals[a] += x;
    normals[a + 1] += y;
    normals[a + 2] += z;
    normals[b] += x;
    normals[b + 1] += y;
    normals[b + 2] += z;
    normals[c] += x;
    normals[c + 1] += y;
    normals[c + 2] += z;
  }
  for (let i = 0; i < normals.length; i += 3) {
    const x = normals[i],
      y = normals[i + 1],
      z = normals[i + 2];
    const squares = x * x + y * y + z * z;
    if (squares > 0) {
      const scale = 1 / Math.sqrt(squares);
      normals[i] = x * scale;
      normals[i + 1] = y * scale;
      normals[i + 2] = z * scale;
    }
  }
}

/** Vertices by the cells of a grid that they lie in. */
export class Cells {
  /** @param {Uint16Array[]} places x, y and z of all vertices @param {number} shift a cell is 2^shift wide */
  constructor(places, shift) {
    this.x = places[0];
    this.y = places[1];
    this.z = places[2];
    this.shift = shift;
    const count = this.x.length;
    this.mask = (1 << (33 - Math.clz32(count))) - 1;
    this.heads = new Int32Array(this.mask + 1).fill(-1);
    this.next = new Int32Array(count);
  }

  /** @param {number} x @param {number} y @param {number} z of a cell */
  bucket(x, y, z) {
    const mixed = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca6b) ^ Math.imul(z, 0xc2b2ae35);
    return (mixed ^ (mixed >>> 15)) & this.mask;
  }

  /** @param {number} v */
  add(v) {
    const { shift } = this;
    const bucket = this.bucket(this.x[v] >> shift, this.y[v] >> shift, this.z[v] >> shift);
    this.next[v] = this.heads[bucket];
    this.heads[bucket] = v;
  }

  /** Whether a vertex of the same cell is there. @param {number} v */
  has(v) {
    const { shift } = this;
    const x = this.x[v] >> shift,
      y = this.y[v] >> shift,
      z = this.z[v] >> shift;
    for (let other = this.heads[this.bucket(x, y, z)]; other >= 0; other = this.next[other])
      if (this.x[other] >> shift === x && this.y[other] >> shift === y && this.z[other] >> shift === z) return true;
    return false;
  }

  /**
   * Vertices of the 27 cells around a vertex.
   * @param {number} v
   * @param {Int32Array} found written from its start
   * @returns {number} how many
   */
  around(v, found) {
    const { shift } = this;
    const cx = this.x[v] >> shift,
      cy = this.y[v] >> shift,
      cz = this.z[v] >> shift;
    let count = 0;
    for (let x = cx - 1; x <= cx + 1; x++)
      for (let y = cy - 1; y <= cy + 1; y++)
        for (let z = cz - 1; z <= cz + 1; z++)
          for (let other = this.heads[this.bucket(x, y, z)]; other >= 0; other = this.next[other])
            if (this.x[other] >> shift === x && this.y[other] >> shift === y && this.z[other] >> shift === z)
              found[count++] = other;
    return count;
  }
}

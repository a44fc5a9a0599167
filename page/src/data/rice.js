const BLOCK = 32,
  ALL_ZERO = 15;
/** Bits that are certainly there when four bytes are read at any bit. */
const SURE = 24;

/** Whole numbers, small ones in few bits: block after block of 32, each with its own count of plain bits. */
export class Rice {
  /** @param {Uint8Array} bytes the stream begins with them */
  constructor(bytes) {
    // four bytes can be read wherever the stream ends
    this.bytes = new Uint8Array(bytes.length + 8);
    this.bytes.set(bytes);
    this.bit = 0;
    this.block = new Int32Array(BLOCK);
    this.left = 0;
  }

  /** @param {Int32Array} into filled with the next numbers */
  read(into) {
    for (let i = 0; i < into.length;) {
      if (this.left === 0) this.unpack();
      const count = Math.min(this.left, into.length - i);
      const from = BLOCK - this.left;
      for (let j = 0; j < count; j++) into[i + j] = this.block[from + j];
      this.left -= count;
      i += count;
    }
  }

  unpack() {
    const { bytes, block } = this;
    let bit = this.bit;
    const word = () => {
      const at = bit >>> 3;
      return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> (bit & 7);
    };
    const plain = word() & 15;
    bit += 4;
    this.left = BLOCK;
    if (plain === ALL_ZERO) block.fill(0);
    else {
      for (let i = 0; i < BLOCK; i++) {
        let ones = 0;
        for (;;) {
          // the lowest zero of the word; a bit beyond those that are sure ends the run there
          const zeros = ~word() | (1 << SURE);
          const run = 31 - Math.clz32(zeros & -zeros);
          ones += run;
          bit += run;
          if (run < SURE) break;
        }
        bit++;
        block[i] = ones;
      }
      const mask = (1 << plain) - 1;
      for (let i = 0; i < BLOCK; i++) {
        const number = (block[i] << plain) | (word() & mask);
        bit += plain;
        block[i] = number & 1 ? -((number + 1) >>> 1) : number >>> 1;
      }
    }
    this.bit = bit;
  }
}

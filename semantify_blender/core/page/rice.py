"""Small whole numbers as bits (Rice 1979): each block of 32 has the length of remainder that suits it."""

import numpy as np

BLOCK = 32
ZEROS = 15
"""In place of a length: the block is all zeros, and nothing follows."""
_LONGEST = 14
_HEAD = 4
_AT_ONCE = 8192
"""Blocks whose bits are laid out at once."""


def packed_residuals(values: np.ndarray) -> bytes:
    """The bits of whole numbers, lowest first; the last block is filled up with zeros.

    values: (n,) whole numbers within ±2²⁰. A block is four bits k, then 32 quotients in unary (so many ones, a zero),
    then 32 remainders of k bits; k = 15 is a block of zeros. A number v is written as u = 2v, or −2v − 1 below zero.
    """
    values = np.asarray(values, np.int32)
    values = np.concatenate([values, np.zeros(-len(values) % BLOCK, np.int32)]).reshape(-1, BLOCK)
    pieces = [_bits_of(values[i : i + _AT_ONCE]) for i in range(0, len(values), _AT_ONCE)]
    return np.packbits(np.concatenate([np.empty(0, np.uint8), *pieces]), bitorder="little").tobytes()


def _bits_of(values: np.ndarray) -> np.ndarray:
    """The bits of blocks (n, BLOCK), a byte each."""
    unsigned = np.where(values < 0, -2 * values - 1, 2 * values)
    costs = np.stack([(unsigned >> k).sum(1) + k * BLOCK for k in range(_LONGEST + 1)])
    empty = ~unsigned.any(1)
    lengths = costs.argmin(0)
    quotients = unsigned >> lengths[:, None]
    sizes = np.where(empty, 0, costs.min(0) + BLOCK) + _HEAD
    starts = np.cumsum(sizes) - sizes
    bits = np.zeros(int(sizes.sum()), np.uint8)
    heads = np.where(empty, ZEROS, lengths)
    for bit in range(_HEAD):
        bits[starts + bit] = heads >> bit & 1
    _write_unary(bits, starts[~empty] + _HEAD, quotients[~empty])
    after = starts + _HEAD + quotients.sum(1) + BLOCK
    for k in range(1, _LONGEST + 1):
        chosen = np.flatnonzero((lengths == k) & ~empty)
        places = after[chosen, None] + k * np.arange(BLOCK)
        for bit in range(k):
            bits[places + bit] = unsigned[chosen] >> bit & 1
    return bits


def _write_unary(bits: np.ndarray, starts: np.ndarray, quotients: np.ndarray) -> None:
    """starts: (n,) where each block's quotients (n, BLOCK) begin; the zeros between them are there already."""
    ends = np.cumsum(quotients + 1, 1) - 1
    begins = (starts[:, None] + ends - quotients).ravel()
    counts = quotients.ravel()
    steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    bits[np.repeat(begins, counts) + steps] = 1

"""Bytes as text that may stand in HTML: 13 bits in two characters, 8 % shorter than base64."""

import numpy as np

ALPHABET = "".join(chr(code) for code in range(33, 127) if chr(code) not in "&<>")
"""91 printable characters, of which none begins or ends anything in HTML; 91² is more than 2¹³."""
_BITS = 13
_LINE = 8192
"""Characters a line, so that editors and mail open the page."""


def packed_text(content: bytes) -> str:
    """The text of some bytes, lowest bits first; the last character pair is filled up with zeros."""
    bits = np.unpackbits(np.frombuffer(content, np.uint8), bitorder="little")
    bits = np.concatenate([bits, np.zeros(-len(bits) % _BITS, np.uint8)]).reshape(-1, _BITS)
    numbers = bits.astype(np.int64) @ (1 << np.arange(_BITS))
    digits = np.stack([numbers % len(ALPHABET), numbers // len(ALPHABET)], 1).ravel()
    text = np.frombuffer(ALPHABET.encode("ascii"), np.uint8)[digits].tobytes().decode("ascii")
    return "\n".join(text[i : i + _LINE] for i in range(0, len(text), _LINE))

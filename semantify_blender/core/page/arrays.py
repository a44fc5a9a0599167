"""Arrays of a page, one behind the other in blocks of bytes that are packed once, however many models share them."""

import gzip
import hashlib
import io
from typing import Any

import numpy as np

from .text import packed_text

_TYPES = {"u1": "u8", "i1": "i8", "u2": "u16", "i2": "i16", "u4": "u32", "f2": "f16", "f4": "f32"}


class Block:
    """Arrays that are read at once."""

    def __init__(self) -> None:
        self.places: dict[str, dict[str, Any]] = {}
        self._bytes = io.BytesIO()

    @property
    def content(self) -> bytes:
        """All arrays, little-endian."""
        return self._bytes.getvalue()

    def plain(self, name: str, values: np.ndarray) -> None:
        """An array as it is."""
        self._add(name, np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<")).tobytes(), values, "plain")

    def rows(self, name: str, values: np.ndarray) -> None:
        """A 2-D array of whole numbers: each row as differences from number to number."""
        left = np.diff(values, axis=1, prepend=np.zeros((len(values), 1), values.dtype))
        self._add(name, _planes(left), values, "rows")

    def delta(self, name: str, values: np.ndarray) -> None:
        """An array of whole numbers as differences from number to number, from the first to the last."""
        flat = values.ravel()
        self._add(name, _planes(np.diff(flat, prepend=flat.dtype.type(0))), values, "delta")

    def seen(self, name: str, values: np.ndarray, owners: np.ndarray) -> None:
        """Numbers of corners (rows, L) as differences to the last number of the same vertex, else of the corner before.

        owners: (L,) vertices.
        """
        order = np.argsort(owners, kind="stable")
        before = np.arange(-1, len(owners) - 1)
        again = owners[order][1:] == owners[order][:-1]
        before[order[1:][again]] = order[:-1][again]
        foretold = np.where(before >= 0, values[:, before], 0).astype(values.dtype)
        self._add(name, _planes(values - foretold), values, "seen")

    def bits(self, name: str, content: bytes, count: int, kind: str) -> None:
        """Something with a coding of its own. count: of its numbers."""
        place = {"at": self._bytes.tell(), "count": count, "type": kind, "coding": kind, "bytes": len(content)}
        self.places[name] = place
        self._bytes.write(content)

    def _add(self, name: str, content: bytes, values: np.ndarray, coding: str) -> None:
        kind = _TYPES[values.dtype.str[1:]]
        place = {"at": self._bytes.tell(), "count": values.size, "type": kind, "coding": coding}
        self.places[name] = {**place, "shape": list(values.shape)}
        self._bytes.write(content)


def _planes(values: np.ndarray) -> bytes:
    """All lowest bytes, then all second bytes, …: equal ones come together."""
    little = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"))
    return little.view(np.uint8).reshape(-1, little.itemsize).T.tobytes()


class Blocks:
    """The blocks of a page; what two models have alike is there once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.sizes: list[dict[str, int]] = []
        self._known: dict[bytes, int] = {}

    def add(self, block: Block) -> dict[str, dict[str, Any]]:
        """Pack a block. Returns where its arrays are, by name, for the header."""
        digest = hashlib.sha256(block.content).digest()
        if digest not in self._known:
            self._known[digest] = len(self.texts)
            # without a time, so that the same page is made of the same bytes
            packed = gzip.compress(block.content, 9, mtime=0)
            self.texts.append(packed_text(packed))
            self.sizes.append({"packed": len(packed), "bytes": len(block.content)})
        return {name: {"data": self._known[digest], **place} for name, place in block.places.items()}

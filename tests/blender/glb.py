"""Binary glTF files written by hand, as other programs than Blender lay them out."""

import json
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

_TYPES = {np.dtype("<f4"): 5126, np.dtype("<u2"): 5123, np.dtype("<u4"): 5125}
_SHAPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}


@dataclass
class Glb:
    """A file in the making: JSON on one side, bytes on the other."""

    json: dict[str, Any] = field(default_factory=lambda: {"asset": {"version": "2.0"}, "scene": 0})
    data: bytearray = field(default_factory=bytearray)

    def add(self, name: str, value: dict[str, Any]) -> int:
        """Append to a list of the file; returns its number there."""
        self.json.setdefault(name, []).append(value)
        return len(self.json[name]) - 1

    def view(self, content: bytes) -> int:
        self.data += bytes(-len(self.data) % 4)
        start = len(self.data)
        self.data += content
        return self.add("bufferViews", {"buffer": 0, "byteOffset": start, "byteLength": len(content)})

    def accessor(self, values: np.ndarray, bounded: bool = False) -> int:
        """values: (N,) or (N, 2..4), float32, uint16 or uint32."""
        values = np.ascontiguousarray(values)
        count = 1 if values.ndim == 1 else values.shape[1]
        made = {"componentType": _TYPES[values.dtype], "count": len(values), "type": _SHAPES[count]}
        if bounded:
            made |= {"min": np.atleast_1d(values.min(0)).tolist(), "max": np.atleast_1d(values.max(0)).tolist()}
        return self.add("accessors", {**made, "bufferView": self.view(values.tobytes())})

    def sparse(self, values: np.ndarray) -> int:
        """(N, 3) float32 of which only the rows that are not 0 are stored, as exporters write face shapes."""
        rows = np.flatnonzero(np.abs(values).max(1) > 0).astype("<u4")
        if not len(rows):
            rows = np.zeros(1, "<u4")
        indices = {"bufferView": self.view(rows.tobytes()), "componentType": 5125}
        stored = {"bufferView": self.view(np.ascontiguousarray(values[rows], "<f4").tobytes())}
        made = {"componentType": 5126, "count": len(values), "type": "VEC3"}
        made |= {"min": values.min(0).tolist(), "max": values.max(0).tolist()}
        return self.add("accessors", {**made, "sparse": {"count": len(rows), "indices": indices, "values": stored}})

    def image(self, png: bytes) -> int:
        """A texture of a picture in the file."""
        source = self.add("images", {"bufferView": self.view(png), "mimeType": "image/png", "name": "texture"})
        return self.add("textures", {"source": source})

    def weights(self, node: int, times: np.ndarray, values: np.ndarray) -> None:
        """Animate a node's morph targets. times: (T,). values: (T, K)."""
        samplers = [{"input": self.accessor(times.astype("<f4"), True), "output": self.accessor(values.ravel())}]
        channels = [{"sampler": 0, "target": {"node": node, "path": "weights"}}]
        self.add("animations", {"name": "Anim", "channels": channels, "samplers": samplers})

    def save(self, path: Path) -> Path:
        self.json["buffers"] = [{"byteLength": len(self.data)}]
        text = json.dumps(self.json).encode()
        text += b" " * (-len(text) % 4)
        body = bytes(self.data) + bytes(-len(self.data) % 4)
        head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(body))
        chunks = (struct.pack("<II", len(text), 0x4E4F534A), text, struct.pack("<II", len(body), 0x004E4942), body)
        path.write_bytes(head + b"".join(chunks))
        return path


def png_bytes(rgba: np.ndarray) -> bytes:
    """A PNG of (height, width, 4) uint8, top row first."""
    rows = b"".join(b"\0" + row.tobytes() for row in rgba)
    header = struct.pack(">IIBBBBB", rgba.shape[1], rgba.shape[0], 8, 6, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = [struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)

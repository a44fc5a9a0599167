"""A page read back from its file alone, as a browser does: text, blocks, arrays, geometry, mapper.

Written a second time, vertex after vertex where the page's maker works on all at once: it shares no code with it.
"""

import gzip
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ALPHABET = [chr(code) for code in range(33, 127) if chr(code) not in "&<>"]
_TYPES = {"u8": "u1", "i8": "i1", "u16": "<u2", "i16": "<i2", "u32": "<u4", "f16": "<f2", "f32": "<f4"}
_SHARPNESS = 24.0

Order = list[tuple[int, list[tuple[int, float]]]]
"""Vertices, each with its parents and their weights."""


def header_of(html: str) -> dict[str, Any]:
    """What the page's header says."""
    found = re.findall(r'<script type="application/json" id="header">(.*?)</script>', html, re.DOTALL)
    assert len(found) == 1
    value = json.loads(found[0])
    assert isinstance(value, dict)
    return value


def blocks_of(html: str, header: dict[str, Any]) -> list[bytes]:
    """The bytes of each data element."""
    texts = re.findall(r'<script type="application/octet-stream" id="data-(\d+)">(.*?)</script>', html, re.DOTALL)
    assert [int(number) for number, _ in texts] == list(range(len(header["data"])))
    return [
        gzip.decompress(_bytes_of(text, size["packed"])) for (_, text), size in zip(texts, header["data"], strict=True)
    ]


def _bytes_of(text: str, size: int) -> bytes:
    digits = {character: number for number, character in enumerate(ALPHABET)}
    values = [digits[character] for character in text if character > " "]
    found, have, bits = bytearray(), 0, 0
    for low, high in zip(values[::2], values[1::2], strict=True):
        bits |= (low + 91 * high) << have
        have += 13
        while have >= 8:
            found.append(bits & 255)
            bits >>= 8
            have -= 8
    return bytes(found[:size])


@dataclass
class ReadModel:
    """A tab. header: its part of the page's. numbers: its arrays by name."""

    header: dict[str, Any]
    numbers: dict[str, np.ndarray]

    @classmethod
    def of(cls, header: dict[str, Any], blocks: list[bytes]) -> "ReadModel":
        """Decode all arrays but the fields of the shape."""
        model = cls(header, {})
        for name in sorted(header["arrays"], key=lambda name: name == "uv"):  # uv is told by the corners
            model.numbers[name] = model._array(name, blocks)
        return model

    def _array(self, name: str, blocks: list[bytes]) -> np.ndarray:
        place = self.header["arrays"][name]
        block = blocks[place["data"]][place["at"] :]
        if place["type"] == "rice":
            return _rice(block[: place["bytes"]], place["count"])
        kind = np.dtype(_TYPES[place["type"]])
        content = np.frombuffer(block[: place["count"] * kind.itemsize], np.uint8)
        if place["coding"] != "plain":
            content = content.reshape(kind.itemsize, -1).T.copy().ravel()
        values = content.view(kind).copy()
        if place["coding"] == "delta":
            return np.cumsum(values, dtype=kind).reshape(place["shape"])
        values = values.reshape(place["shape"])
        if place["coding"] == "rows":
            return np.cumsum(values, axis=1, dtype=kind)
        if place["coding"] == "seen":
            last: dict[int, int] = {}
            for corner, owner in enumerate(self.numbers["corners"][: values.shape[1]].tolist()):
                before = last.get(owner, corner - 1)
                if before >= 0:
                    values[:, corner] += values[:, before]
                last[owner] = corner
        return values

    def coefficients(self, sliders: np.ndarray) -> np.ndarray:
        """(K,) float64 of sliders (d,)."""
        words, told, numbers = self.header["words"], self.header["mapper"], self.numbers
        low, rest, high = (np.array([word[end] for word in words]) for end in ("low", "rest", "high"))
        scores = rest + np.where(sliders < 0, sliders * (rest - low), sliders * (high - rest))
        x = (scores - numbers["scoreMean"]) / numbers["scoreDeviation"]
        for i in range(len(told["layers"])):
            weight = numbers[f"layer{i}Weight"].astype(float) * numbers[f"layer{i}Scale"][:, None]
            assert [weight.shape[1], weight.shape[0]] == told["layers"][i]
            x = weight @ x + numbers[f"layer{i}Bias"]
            if i < len(told["layers"]) - 1:
                x = np.maximum(x, 0)
        x = numbers["coefficientMean"] + numbers["coefficientScale"] * x
        if "limits" in numbers:
            start, width = numbers["limits"][:, 0], np.diff(numbers["limits"])[:, 0]
            t = _SHARPNESS * (x - start) / width
            x = start + width * (np.logaddexp(0, t) - np.logaddexp(0, t - _SHARPNESS)) / _SHARPNESS
        elif told["bound"] is not None:
            x = told["bound"] * np.tanh(x / told["bound"])
        if told["insideRadius"] is not None:
            mean = numbers["insideMean"]
            t = float(np.linalg.norm(numbers["whitening"].astype(float) @ (x - mean))) / told["insideRadius"]
            drawn_in = t - math.log1p(math.exp(min(_SHARPNESS * (t - 1), 700.0))) / _SHARPNESS
            x = mean + (x - mean) * (drawn_in / max(t, 1e-3))
        return x

    def template(self) -> np.ndarray:
        """(N, 3) metres."""
        shape = self.header["shape"]
        return np.array(shape["origin"]) + shape["step"] * self.numbers["template"].T.astype(float)

    def fields(self) -> np.ndarray:
        """(R, N, 3) metres, foretold vertex by vertex."""
        return self.foretold(order_of(self.numbers["template"].T.astype(np.int64)))

    def foretold(self, order: Order) -> np.ndarray:
        """The same, where the vertices' order and parents are known already."""
        shape = self.header["shape"]
        count, fields = shape["vertices"], 3 * shape["components"]
        coarse = np.ones(count, np.int64)
        for piece in self.header["pieces"]:
            first, length = piece["vertices"]
            coarse[first : first + length] = piece["coarse"]
        left = self.numbers["basis"].reshape(fields, count)
        found = np.zeros((fields, count), np.int64)
        for rank, (vertex, parents) in enumerate(order):
            foretold = np.zeros(fields)
            for parent, weight in parents:
                foretold = foretold + weight * found[:, parent]
            own = coarse[vertex]
            found[:, vertex] = own * (np.floor(foretold / own + 0.5).astype(np.int64) + left[:, rank])
        return shape["basisStep"] * found.reshape(-1, 3, count).transpose(0, 2, 1)

    def vertices(self, coefficients: np.ndarray, fields: np.ndarray) -> np.ndarray:
        """(N, 3) metres. fields: as `fields` gives them."""
        y = self.numbers["projection"].astype(float) @ (coefficients - self.numbers["projectionMean"])
        return self.template() + np.einsum("r,rvc->vc", y, fields)


def read_page(path: Path) -> tuple[dict[str, Any], list[ReadModel]]:
    """A page's header and its tabs."""
    html = path.read_text(encoding="utf-8")
    header = header_of(html)
    blocks = blocks_of(html, header)
    return header, [ReadModel.of(model, blocks) for model in header["models"]]


def _rice(content: bytes, count: int) -> np.ndarray:
    bits = np.unpackbits(np.frombuffer(content, np.uint8), bitorder="little").tobytes()
    found: list[int] = []
    at = 0
    while len(found) < count:
        k = sum(bits[at + bit] << bit for bit in range(4))
        at += 4
        if k == 15:
            found += [0] * 32
            continue
        quotients = []
        for _ in range(32):
            end = bits.index(0, at)
            quotients.append(end - at)
            at = end + 1
        for quotient in quotients:
            value = quotient << k
            for bit in range(k):
                value |= bits[at + bit] << bit
            at += k
            found.append(value // 2 if value % 2 == 0 else -(value + 1) // 2)
    return np.array(found[:count])


def order_of(places: np.ndarray) -> Order:
    """Vertices in the order of the residuals, each with its parents and their weights."""
    rank: dict[int, int] = {}
    found: Order = []
    for shift in (*range(16, 3, -1), None):
        cell = 4 if shift is None else shift + 1
        cells: dict[tuple[int, ...], list[int]] = {}
        for vertex in rank:
            cells.setdefault(tuple((places[vertex] >> cell).tolist()), []).append(vertex)
        taken = set() if shift is None else {tuple((places[vertex] >> shift).tolist()) for vertex in rank}
        chosen = []
        for vertex in range(len(places)):
            if vertex in rank:
                continue
            if shift is not None:
                here = tuple((places[vertex] >> shift).tolist())
                if here in taken:
                    continue
                taken.add(here)
            chosen.append(vertex)
        for vertex in chosen:
            found.append((vertex, _parents(places, vertex, cells, cell, rank)))
        for vertex in chosen:
            rank[vertex] = len(rank)
    return found


def _parents(
    places: np.ndarray, vertex: int, cells: dict[tuple[int, ...], list[int]], cell: int, rank: dict[int, int]
) -> list[tuple[int, float]]:
    x, y, z = (places[vertex] >> cell).tolist()
    near = [
        other
        for a in (-1, 0, 1)
        for b in (-1, 0, 1)
        for c in (-1, 0, 1)
        for other in cells.get((x + a, y + b, z + c), [])
    ]
    at = places[vertex].tolist()
    steps = {other: [p - q for p, q in zip(places[other].tolist(), at, strict=True)] for other in near}
    squares = {other: sum(step * step for step in steps[other]) for other in near}
    chosen = sorted(near, key=lambda other: (squares[other], rank[other]))[:6]
    if not chosen:
        return []
    scale = max(sum(squares[other] for other in chosen) / len(chosen), 1e-9)
    root = math.sqrt(scale)
    xs = [[step / root for step in steps[other]] for other in chosen]
    weights = [1 / (squares[other] / scale + 0.01) for other in chosen]
    total = _added(weights)
    mean = [_added([w * x[axis] for w, x in zip(weights, xs, strict=True)]) / total for axis in range(3)]
    ys = [[x[axis] - mean[axis] for axis in range(3)] for x in xs]

    def spread(a: int, b: int) -> float:
        return _added([(w * y[a]) * y[b] for w, y in zip(weights, ys, strict=True)])

    cxx, cyy, czz = (spread(axis, axis) + 0.01 * total for axis in range(3))
    cxy, cxz, cyz = spread(0, 1), spread(0, 2), spread(1, 2)
    axx, axy, axz = cyy * czz - cyz * cyz, cxz * cyz - cxy * czz, cxy * cyz - cxz * cyy
    ayy, ayz, azz = cxx * czz - cxz * cxz, cxy * cxz - cxx * cyz, cxx * cyy - cxy * cxy
    determinant = (cxx * axx + cxy * axy) + cxz * axz
    slope = [
        ((a * mean[0] + b * mean[1]) + c * mean[2]) / determinant
        for a, b, c in ((axx, axy, axz), (axy, ayy, ayz), (axz, ayz, azz))
    ]
    return [
        (other, w / total - w * ((y[0] * slope[0] + y[1] * slope[1]) + y[2] * slope[2]))
        for other, w, y in zip(chosen, weights, ys, strict=True)
    ]


def _added(values: list[float]) -> float:
    found = 0.0
    for value in values:
        found += value
    return found

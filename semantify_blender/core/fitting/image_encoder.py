"""The image tower of a small CLIP in NumPy, taught to see past clothes, light, view and pose."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError, SemantifyError
from ..files import bounds
from ..files.names import check_name, check_text, check_words
from ..files.npz import Field, load_npz, save_npz
from ..files.schema import conform
from ..networks.layers import layer_count, weights_of
from .encoder import BARE_WORD

SCHEMA = "semantify.encoder/1"
SUFFIX = ".encoder.npz"

_FIELDS = {
    "words": Field("U", ("W",), most=bounds.WORDS),
    "texts": Field("f", ("W", "D"), most=bounds.WORDS, within=(-2.0, 2.0)),
    "layer_count": Field("iu", ()),
}
_METADATA = {
    "name": str, "size": int, "clip_name": str, "clip_checksum": str,
    "layers": [{"stride": int, "padding": int, "residual": bool}], "provenance?": {str: object},
}  # fmt: skip
_SIDES = (8, 1024)
"""Least and most pixels a side of the pictures."""
_MOST_STEP = 16
"""Of a kernel's side, a stride, a padding, pixels."""
_MOST_WINDOWS = 1 << 26
"""Numbers that one layer gathers for one picture, four bytes each."""
_MOST_PRODUCTS = 1 << 33
"""Multiplications for one picture in all: a few seconds of one core."""
_MOST_REACH = 1e17
"""What a layer may give at most: its square must be finite, and the sum of as many as there are."""


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution of square kernels followed by a ReLU.

    weight: (out, in, k, k) float32. bias: (out,) float32. stride, padding: pixels. residual: add the input afterwards.
    """

    weight: np.ndarray
    bias: np.ndarray
    stride: int = 1
    padding: int = 0
    residual: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """x: (N, H, W, in) float32. Returns (N, H', W', out) float32."""
        if self.padding:
            edge = (self.padding, self.padding)
            padded = np.pad(x, ((0, 0), edge, edge, (0, 0)))
        else:
            padded = x
        k = self.weight.shape[2]
        windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))  # type: ignore[call-overload]
        windows = windows[:, :: self.stride, :: self.stride]
        count, height, width = windows.shape[:3]
        # the kernel's rows and columns, then channels, as they lie in memory
        flat = windows.transpose(0, 1, 2, 4, 5, 3).reshape(count * height * width, -1)
        y = flat @ self._matrix
        y += self.bias
        y = np.maximum(y, 0.0, out=y).reshape(count, height, width, -1)
        return x + y if self.residual else y

    @cached_property
    def _matrix(self) -> np.ndarray:
        return np.ascontiguousarray(self.weight.transpose(2, 3, 1, 0).reshape(-1, len(self.weight)))


@dataclass(frozen=True, eq=False)
class ImageEncoder:
    """Pictures to embeddings that a CLIP's words can be compared with.

    name: also the file's. size: side of the pictures, pixels. clip_name, clip_checksum: the CLIP whose embedding space
    it speaks. words: W that it knows. texts: (W, D) float32, their embeddings. convolutions, then head: (D, features)
    and bias (D,) float32. provenance: what it was trained on and how it did.
    """

    name: str
    size: int
    clip_name: str
    clip_checksum: str
    words: tuple[str, ...]
    texts: np.ndarray
    convolutions: tuple[Convolution, ...]
    head: np.ndarray
    head_bias: np.ndarray
    provenance: dict[str, Any] = field(default_factory=dict)

    def embed(self, pixels: np.ndarray) -> np.ndarray:
        """Embed pictures. pixels: (N, S, S, 3) uint8 sRGB. Returns (N, D) float32 of unit length.

        Raises SemantifyError for pictures of another size.
        """
        if pixels.ndim != 4 or pixels.shape[1:] != (self.size, self.size, 3):
            raise SemantifyError(f"encoder {self.name!r} takes pictures of {self.size} × {self.size}: cut them first")
        x = pixels.astype(np.float32) / 127.5 - 1.0
        # the tower looks at differences from the upper border, which is nearly always backdrop
        x = x - x[:, :3].mean((1, 2), keepdims=True)
        for convolution in self.convolutions:
            x = convolution(x)
        features = x.transpose(0, 3, 1, 2).reshape(len(x), -1)
        out = features @ self.head.T + self.head_bias
        return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)

    def text_embeddings(self, words: Sequence[str], templates: Sequence[str] = BARE_WORD) -> np.ndarray:
        """(n, D) float32 of unit length. Raises SemantifyError naming the words or prompts that it does not know."""
        if tuple(templates) != BARE_WORD:
            raise SemantifyError(
                f"the embedded encoder {self.name!r} knows words by themselves, not in the prompts "
                f"{', '.join(map(repr, templates))}: give the whole CLIP that the mapper was trained with, or train "
                "the mapper without --template"
            )
        index = {word.lower(): i for i, word in enumerate(self.words)}
        unknown = [word for word in words if word.lower() not in index]
        if unknown:
            raise SemantifyError(
                f"the embedded encoder {self.name!r} does not know {', '.join(map(repr, unknown))}: use the full CLIP "
                "that the mapper was trained with"
            )
        return self.texts[[index[word.lower()] for word in words]]

    @cached_property
    def checksum(self) -> str:
        """Hex SHA-256 over the weights as stored. Fitters name their encoder by it."""
        digest = hashlib.sha256()
        for name, array in sorted(self._weights().items()):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def _weights(self) -> dict[str, np.ndarray]:
        arrays: dict[str, np.ndarray] = {"texts": self.texts.astype(np.float32)}
        for i, layer in enumerate(self.convolutions):
            arrays[f"layer{i}/weight"] = layer.weight.astype(np.float16)
            arrays[f"layer{i}/bias"] = layer.bias.astype(np.float32)
        arrays["head/weight"] = self.head.astype(np.float16)
        arrays["head/bias"] = self.head_bias.astype(np.float32)
        return arrays

    def save(self, path: str | Path) -> None:
        """Write `*.encoder.npz` (weights as float16)."""
        arrays = {"words": np.array(self.words), "layer_count": np.array(len(self.convolutions)), **self._weights()}
        metadata = {
            "name": self.name,
            "size": self.size,
            "clip_name": self.clip_name,
            "clip_checksum": self.clip_checksum,
            "layers": [
                {"stride": layer.stride, "padding": layer.padding, "residual": layer.residual}
                for layer in self.convolutions
            ],
            "provenance": self.provenance,
        }
        save_npz(path, SCHEMA, arrays, metadata)

    @classmethod
    def load(cls, path: str | Path) -> "ImageEncoder":
        """Read `*.encoder.npz`. Raises FileFormatError naming the file and the field when anything is off."""
        arrays, metadata = load_npz(path, SCHEMA, _FIELDS)
        conform(path, metadata, _METADATA, "metadata", "fetch or make the encoder again")
        check_name(path, "metadata.name", metadata["name"])
        check_text(path, "metadata.clip_name", metadata["clip_name"])
        size, layers = metadata["size"], metadata["layers"]
        if not _SIDES[0] <= size <= _SIDES[1]:
            raise FileFormatError(path, "metadata.size", f"is {size}, expected {_SIDES[0]} to {_SIDES[1]} pixels")
        if len(layers) != layer_count(path, arrays):
            raise FileFormatError(path, "metadata.layers", f"expected {int(arrays['layer_count'])} of them")
        words = check_words(path, "words", arrays["words"].tolist(), bounds.WORDS)
        texts = arrays["texts"].astype(np.float32)
        if not texts.shape[1] or not (np.abs(np.linalg.norm(texts, axis=1) - 1.0) < 0.01).all():
            raise FileFormatError(path, "texts", "expected embeddings of unit length")
        convolutions = tuple(_convolution(path, arrays, i, layer) for i, layer in enumerate(layers))
        features, reach = _features(path, convolutions, size)
        head, bias = weights_of(path, arrays, "head/weight"), weights_of(path, arrays, "head/bias")
        if head.shape != (texts.shape[1], features) or bias.shape != (len(head),):
            raise FileFormatError(
                path, "head/weight", f"has shape {head.shape}, expected {(texts.shape[1], features)}, and one bias each"
            )
        _check_reach(path, "head/weight", head, bias, reach)
        return cls(
            name=metadata["name"],
            size=size,
            clip_name=metadata["clip_name"],
            clip_checksum=metadata["clip_checksum"],
            words=words,
            texts=texts,
            convolutions=convolutions,
            head=head,
            head_bias=bias,
            provenance=metadata.get("provenance", {}),
        )


def _convolution(path: str | Path, arrays: dict[str, np.ndarray], i: int, layer: dict[str, Any]) -> Convolution:
    stride, padding = layer["stride"], layer["padding"]
    weight, bias = (weights_of(path, arrays, f"layer{i}/{name}") for name in ("weight", "bias"))
    if weight.ndim != 4 or weight.shape[2] != weight.shape[3] or bias.shape != weight.shape[:1] or not weight.size:
        raise FileFormatError(path, f"layer{i}/weight", f"has shape {weight.shape} with bias {bias.shape}")
    side = weight.shape[2]
    if not (1 <= stride <= _MOST_STEP and 0 <= padding < side <= _MOST_STEP):
        raise FileFormatError(
            path, f"metadata.layers[{i}]", f"has stride {stride} and padding {padding} with a kernel of {side}"
        )
    return Convolution(weight, bias, stride, padding, layer["residual"])


def _features(path: str | Path, convolutions: tuple[Convolution, ...], size: int) -> tuple[int, float]:
    """How many numbers the last layer gives, and how large they can be at most.

    Raises FileFormatError for a layer that does not fit the one before it, or asks for more work than any real one.
    """
    side, channels, reach, products = size, 3, 2.0, 0
    for i, layer in enumerate(convolutions):
        out, wanted, kernel = layer.weight.shape[:3]
        before, side = side, (side + 2 * layer.padding - kernel) // layer.stride + 1
        if wanted != channels or side < 1:
            raise FileFormatError(path, f"layer{i}/weight", f"takes {wanted} channels, but there are {channels}")
        if layer.residual and (out, side) != (channels, before):
            raise FileFormatError(path, f"metadata.layers[{i}].residual", "is set on a layer that changes the size")
        windows = side * side * wanted * kernel * kernel
        products += windows * out
        if windows > _MOST_WINDOWS or products > _MOST_PRODUCTS:
            raise FileFormatError(path, f"layer{i}/weight", "asks for more work than any real encoder")
        added = _check_reach(path, f"layer{i}/weight", layer.weight, layer.bias, reach)
        channels, reach = out, added + (reach if layer.residual else 0.0)
    return side * side * channels, reach


def _check_reach(path: str | Path, name: str, weight: np.ndarray, bias: np.ndarray, largest: float) -> float:
    sums = np.abs(weight.reshape(len(weight), -1)).sum(1, dtype=np.float64)
    reach = float((sums * largest + np.abs(bias)).max())
    if not reach <= _MOST_REACH:
        raise FileFormatError(path, name, f"can give numbers beyond {_MOST_REACH:g}")
    return reach

"""Operators that work on numbers one by one, or put zeros beside them."""

from collections.abc import Sequence
from math import prod

import numpy as np

from .activations import ACTIVATIONS
from .operator import Operator, Options, Shape, Step, UnfitError, channels_of, no_weights, rows_of, whole_numbers


class Activation(Operator):
    """options: activation. weights: the slopes of PReLU (channels,)."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """As the input."""
        (map_,) = inputs
        name = options["activation"]
        wanted = [(channels_of(map_),)] if name == "prelu" else []
        if name not in ACTIVATIONS or [array.shape for array in weights] != wanted:
            raise UnfitError("options.activation", repr(name))
        return map_

    def scratch(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """A band of rows."""
        row = prod(output[1:])
        return min(output[0], rows_of(row)) * row

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """A copy, activated."""
        source, flat = inputs[0].reshape(len(output), -1), output.reshape(len(output), -1)
        slopes = [np.tile(array, output[0].size // len(array)) for array in weights]
        activate = ACTIVATIONS[options["activation"]]
        band = min(len(flat), rows_of(flat.shape[1]))
        parts = []
        for first in range(0, len(flat), band):
            rows = flat[first : first + band]
            parts.append((source[first : first + band], rows, scratch[: rows.size].reshape(rows.shape)))

        def run() -> None:
            for before, rows, part in parts:
                np.copyto(rows, before)
                activate(rows, part, *slopes)

        return run


class Add(Operator):
    """The sum of two maps. options: activation, without slopes."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """As both."""
        one, other = inputs
        no_weights(weights)
        if one != other or options.get("activation", "none") not in ACTIVATIONS.keys() - {"prelu"}:
            raise UnfitError("inputs", f"{one} and {other}, {options}")
        return one

    def scratch(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """Of its activation."""
        return prod(output) if options.get("activation", "none") == "hard swish" else 0

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """One sum."""
        one, other, out = inputs[0].ravel(), inputs[1].ravel(), output.reshape(-1)
        activate = ACTIVATIONS[options.get("activation", "none")]

        def run() -> None:
            np.add(one, other, out=out)
            activate(out, scratch[: out.size])

        return run


class Multiply(Operator):
    """A map times another of the same shape, or times one number a channel (1, 1, channels)."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """As the first."""
        one, other = inputs
        no_weights(weights)
        if other != one and other != (1, 1, channels_of(one)):
            raise UnfitError("inputs", f"{one} and {other}")
        return one

    def scratch(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """One row of the second."""
        return prod(output[1:])

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """One product."""
        one, other = inputs
        flat, out = one.reshape(len(one), -1), output.reshape(len(output), -1)
        if other.shape == one.shape:
            return lambda: _multiply(flat, other.reshape(flat.shape), out)
        row = scratch[: out.shape[1]]

        def run() -> None:
            np.copyto(row.reshape(-1, other.size), other.reshape(-1))
            np.multiply(flat, row, out=out)

        return run


def _multiply(one: np.ndarray, other: np.ndarray, out: np.ndarray) -> None:
    np.multiply(one, other, out=out)


class Append(Operator):
    """Channels of zeros behind those that there are. options: channels, how many."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """With more channels."""
        (map_,) = inputs
        no_weights(weights)
        (more,) = whole_numbers(options, "channels", 1, 1, 4096)
        return map_[0], map_[1], channels_of(map_) + more

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """A copy."""
        source = inputs[0]
        front, back = output[..., : source.shape[2]], output[..., source.shape[2] :]

        def run() -> None:
            np.copyto(front, source)
            back.fill(0)

        return run


class Pad(Operator):
    """Zeros around a map. options: padding [top, bottom, left, right]."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """Larger."""
        (map_,) = inputs
        no_weights(weights)
        top, bottom, left, right = whole_numbers(options, "padding", 4, 0, 64)
        return map_[0] + top + bottom, map_[1] + left + right, channels_of(map_)

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """A copy."""
        top, _, left, _ = options["padding"]
        height, width, _ = inputs[0].shape
        inner = output[top : top + height, left : left + width]

        def run() -> None:
            output.fill(0)
            np.copyto(inner, inputs[0])

        return run

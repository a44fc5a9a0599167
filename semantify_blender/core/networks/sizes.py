"""Operators that change the size or the shape of feature maps: pools, bilinear resizing, other orders."""

from collections.abc import Sequence
from math import prod

import numpy as np

from .operator import Operator, Options, Shape, Step, UnfitError, channels_of, no_weights, whole_numbers

_MOST_SIDE, _MOST_PLACES = 1024, 256
"""Of a map, and places of a kernel."""


class _Pool(Operator):
    """options: kernel [rows, columns], stride [rows, columns]; windows lie inside the map."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """One number a window."""
        (map_,) = inputs
        no_weights(weights)
        kernel, stride = (whole_numbers(options, name, 2, 1, _MOST_SIDE) for name in ("kernel", "stride"))
        if prod(kernel) > _MOST_PLACES and kernel != map_[:2]:
            raise UnfitError("options.kernel", f"{kernel} has too many places")
        rows, columns = ((map_[i] - kernel[i]) // stride[i] + 1 for i in (0, 1))
        return rows, columns, channels_of(map_)

    def products(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """Windows times their places."""
        return prod(output) * prod(options["kernel"])

    @staticmethod
    def places(source: np.ndarray, output: np.ndarray, options: Options) -> list[np.ndarray]:
        """The map, moved to each place of the kernel."""
        (rows, columns), (down, right) = options["kernel"], options["stride"]
        height, width, _ = output.shape
        return [
            source[r : r + (height - 1) * down + 1 : down, c : c + (width - 1) * right + 1 : right]
            for r in range(rows)
            for c in range(columns)
        ]


class MaximumPool(_Pool):
    """The highest number of each window."""

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """Of all of a map at once where there is one window, else place after place."""
        if output.shape[:2] == (1, 1) and inputs[0].shape[:2] == tuple(options["kernel"]):
            table, flat = inputs[0].reshape(-1, output.size), output.reshape(-1)
            return lambda: _highest(table, flat)
        first, *others = self.places(inputs[0], output, options)

        def run() -> None:
            np.copyto(output, first)
            for place in others:
                np.maximum(output, place, out=output)

        return run


def _highest(table: np.ndarray, out: np.ndarray) -> None:
    np.max(table, axis=0, out=out)


class AveragePool(_Pool):
    """The mean of each window."""

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """Of all of a map at once where there is one window, else place after place."""
        share = np.float32(1 / prod(options["kernel"]))
        source = inputs[0]
        if output.shape[:2] == (1, 1) and source.shape[:2] == tuple(options["kernel"]):
            means = np.full((1, source.shape[0] * source.shape[1]), share)
            table, flat = source.reshape(-1, source.shape[2]), output.reshape(1, -1)
            return lambda: _product(means, table, flat)
        first, *others = self.places(source, output, options)

        def run() -> None:
            np.copyto(output, first)
            for place in others:
                np.add(output, place, out=output)
            np.multiply(output, share, out=output)

        return run


def _product(one: np.ndarray, other: np.ndarray, out: np.ndarray) -> None:
    np.matmul(one, other, out=out)


class Resize(Operator):
    """Bilinear. options: size [rows, columns], and "half" where pixels have their middles at halves."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """As asked."""
        (map_,) = inputs
        no_weights(weights)
        if not isinstance(options.get("half", False), bool):
            raise UnfitError("options.half", "expected true or false")
        return (*whole_numbers(options, "size", 2, 1, _MOST_SIDE), channels_of(map_))

    def products(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """Two for each number, first of rows, then of columns."""
        return 2 * output[0] * inputs[0][1] * output[2] + 2 * prod(output)

    def scratch(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """The rows before the columns, and one of the two that are added up."""
        return output[0] * inputs[0][1] * output[2] + output[0] * max(inputs[0][1], output[1]) * output[2]

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """Rows, then columns: of each the two neighbours, times their shares."""
        source = inputs[0]
        _, width, channels = source.shape
        half = options.get("half", False)
        between = scratch[: output.shape[0] * width * channels].reshape(output.shape[0], width, channels)
        rest = scratch[between.size :]
        rows = _blend(source, between, 0, rest[: between.size].reshape(between.shape), half)
        columns = _blend(between, output, 1, rest[: output.size].reshape(output.shape), half)

        def run() -> None:
            rows()
            columns()

        return run


def _blend(source: np.ndarray, output: np.ndarray, axis: int, other: np.ndarray, half: bool) -> Step:
    """Change one axis. other: working memory of the output's shape."""
    before, after = source.shape[axis], output.shape[axis]
    places = np.arange(after) * (before / after)
    if half:
        places = (np.arange(after) + 0.5) * (before / after) - 0.5
    places = places.clip(0, before - 1)
    low = np.floor(places).astype(np.intp)
    high = np.minimum(low + 1, before - 1)
    share = (places - low).astype(np.float32)
    # rows of all columns' channels, so that the shares are as long as NumPy's innermost loop
    one, two = output.reshape(len(output), -1), other.reshape(len(output), -1)
    upper = share[:, None] if axis == 0 else np.repeat(share, output.shape[2])
    lower = 1 - upper

    def run() -> None:
        # mode: with its default NumPy would take everything twice
        np.take(source, low, axis, out=output, mode="clip")
        np.take(source, high, axis, out=other, mode="clip")
        np.multiply(one, lower, out=one)
        np.multiply(two, upper, out=two)
        np.add(one, two, out=one)

    return run


class DepthToSpace(Operator):
    """Channels become squares of size × size. options: size."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """Fewer channels, more pixels."""
        (map_,) = inputs
        no_weights(weights)
        (size,) = whole_numbers(options, "size", 1, 2, 16)
        if channels_of(map_) % size**2:
            raise UnfitError("options.size", f"{size} with {map_}")
        return map_[0] * size, map_[1] * size, map_[2] // size**2

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """A copy in another order."""
        size = options["size"]
        height, width, _ = inputs[0].shape
        source = inputs[0].reshape(height, width, size, size, -1).transpose(0, 2, 1, 3, 4)
        target = output.reshape(height, size, width, size, -1)
        return lambda: np.copyto(target, source)


class Reshape(Operator):
    """The same numbers in another shape. options: shape."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """As asked, without any −1."""
        (array,) = inputs
        no_weights(weights)
        shape = options["shape"]
        if not isinstance(shape, list | tuple) or not 1 <= len(shape) <= 4:
            raise UnfitError("options.shape", "expected one to four whole numbers")
        if not all(type(side) is int and 0 < side <= prod(array) for side in shape) or prod(shape) != prod(array):
            raise UnfitError("options.shape", f"expected as many numbers as {array} has")
        return tuple(shape)

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """A copy."""
        source = inputs[0].reshape(output.shape)
        return lambda: np.copyto(output, source)


class Concatenate(Operator):
    """Arrays one behind the other. options: axis."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """Longer along the axis."""
        no_weights(weights)
        first = inputs[0]
        (axis,) = whole_numbers(options, "axis", 1, 0, len(first) - 1)
        alike = all(
            len(one) == len(first) and one[:axis] + one[axis + 1 :] == first[:axis] + first[axis + 1 :]
            for one in inputs
        )
        if not alike:
            raise UnfitError("inputs", f"{list(inputs)} along {axis}")
        return (*first[:axis], sum(one[axis] for one in inputs), *first[axis + 1 :])

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """Copies."""
        moved = np.moveaxis(output, options["axis"], 0)
        parts, first = [], 0
        for one in inputs:
            there = np.moveaxis(one, options["axis"], 0)
            parts.append((moved[first : first + len(there)], there))
            first += len(there)

        def run() -> None:
            for target, source in parts:
                np.copyto(target, source)

        return run

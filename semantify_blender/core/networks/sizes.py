"""Operators that change the size or the shape of feature maps: pools, bilinear resizing, other orders."""

from collections.abc import Sequence
from math import prod

import numpy as np

from .operator import Operator, Options, Shape, Step, UnfitError, channels_of

_MOST_KERNEL = 256


class _Pool(Operator):
    """options: kernel [rows, columns], stride [rows, columns]; windows lie inside the map."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """One number a window."""
        (map_,) = inputs
        kernel, stride = options["kernel"], options["stride"]
        if not all(1 <= number <= _MOST_KERNEL for number in (*kernel, *stride)):
            raise UnfitError("options", f"kernel {kernel}, stride {stride}")
        rows, columns = ((map_[i] - kernel[i]) // stride[i] + 1 for i in (0, 1))
        return rows, columns, channels_of(map_)

    def products(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape) -> int:
        """About as many as the input has numbers."""
        return prod(inputs[0])

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
        """Place after place."""
        first, *others = self.places(inputs[0], output, options)

        def run() -> None:
            np.copyto(output, first)
            for place in others:
                np.maximum(output, place, out=output)

        return run


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
        rows, columns = options["size"]
        if not 1 <= min(rows, columns) <= max(rows, columns) <= 1024:
            raise UnfitError("options.size", f"{options['size']}")
        return rows, columns, channels_of(inputs[0])

    def products(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape) -> int:
        """Of two products of matrices."""
        return output[0] * inputs[0][0] * inputs[0][1] * output[2] + prod(output) * inputs[0][1]

    def scratch(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """The rows, before the columns."""
        return output[0] * inputs[0][1] * output[2]

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """Rows, then columns, each a product with a matrix of shares."""
        source = inputs[0]
        height, width, channels = source.shape
        half = bool(options.get("half", False))
        down, along = _shares(height, output.shape[0], half), _shares(width, output.shape[1], half)
        table = source.reshape(height, -1)
        between = scratch[: output.shape[0] * width * channels].reshape(output.shape[0], -1)
        rows = between.reshape(output.shape[0], width, channels)

        def run() -> None:
            np.matmul(down, table, out=between)
            np.matmul(along, rows, out=output)

        return run


def _shares(before: int, after: int, half: bool) -> np.ndarray:
    """(after, before) float32: what each old place gives to each new one."""
    places = np.arange(after) * (before / after)
    if half:
        places = (np.arange(after) + 0.5) * (before / after) - 0.5
    places = places.clip(0, before - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, before - 1)
    shares = np.zeros((after, before), np.float32)
    np.add.at(shares, (np.arange(after), low), 1 - (places - low))
    np.add.at(shares, (np.arange(after), high), places - low)
    return shares


class DepthToSpace(Operator):
    """Channels become squares of size × size. options: size."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """Fewer channels, more pixels."""
        (map_,) = inputs
        size = options["size"]
        if not 1 < size <= 16 or channels_of(map_) % size**2:
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
        shape = tuple(options["shape"])
        if not shape or not all(isinstance(side, int) and side > 0 for side in shape) or prod(shape) != prod(inputs[0]):
            raise UnfitError("options.shape", f"{shape} of {inputs[0]}")
        return shape

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
        axis, first = options["axis"], inputs[0]
        alike = all(
            len(one) == len(first) and one[:axis] + one[axis + 1 :] == first[:axis] + first[axis + 1 :]
            for one in inputs
        )
        if not 0 <= axis < len(first) or not alike:
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

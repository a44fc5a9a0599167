"""Convolutions of feature maps: products of matrices where they are whole, sums of moved maps where each channel is
on its own."""

from collections.abc import Sequence
from math import prod

import numpy as np

from .activations import ACTIVATIONS
from .operator import Operator, Options, Shape, Step, UnfitError, rows_of

_COLUMNS = 1 << 19
"""Numbers of a convolution's windows that are laid out at a time."""
_MOST_KERNEL, _MOST_STRIDE, _MOST_PADDING = 64, 64, 64


class Convolution(Operator):
    """weights: kernel (out, rows, columns, in), bias (out,), perhaps the slopes of PReLU (out,).

    options: stride, padding [top, bottom, left, right], activation.
    """

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """(rows, columns, out)."""
        (map_,) = inputs
        kernel, bias = weights[:2]
        if kernel.ndim != 4 or kernel.shape[3] != map_[2] or bias.shape != kernel.shape[:1]:
            raise UnfitError("weights", f"kernel {kernel.shape}, bias {bias.shape}")
        _check_activation(options, weights[2:], len(bias))
        return (*_windows(map_, kernel.shape[1:3], options), len(bias))

    def products(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape) -> int:
        """Windows times kernels."""
        return output[0] * output[1] * int(weights[0].size)

    def scratch(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """The padded map, and windows laid out."""
        rows, columns = weights[0].shape[1:3]
        band = min(output[0], rows_of(rows * columns * inputs[0][2] * output[1], _COLUMNS))
        return _padded_size(inputs[0], options) + band * output[1] * rows * columns * inputs[0][2] + _finishing(output)

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """Windows laid out as rows of one matrix, times the kernels as columns of another."""
        kernel = weights[0].astype(np.float32)
        out, rows, columns, channels = kernel.shape
        matrix = np.ascontiguousarray(kernel.reshape(out, -1).T)
        stride = options["stride"]
        height, width, _ = output.shape
        flat = output.reshape(height, width * out)
        finish = _finisher(flat, weights[1], weights[2:], options, scratch[-_finishing(output.shape) :])
        if rows == columns == stride == 1 and not any(options["padding"]):
            source, target = inputs[0].reshape(-1, channels), output.reshape(-1, out)

            def pointwise() -> None:
                np.matmul(source, matrix, out=target)
                finish()

            return pointwise
        padded, pad = _padding(inputs[0], options, scratch)
        view = np.lib.stride_tricks.sliding_window_view(padded, (rows, columns), (0, 1))  # type: ignore[call-overload]
        # (rows, columns of windows, rows, columns of a kernel, channels), as the kernels are laid out
        view = view[::stride, ::stride][:height, :width].transpose(0, 1, 3, 4, 2)
        band = min(height, rows_of(rows * columns * channels * width, _COLUMNS))
        laid = scratch[padded.size : padded.size + band * width * rows * columns * channels]
        laid = laid.reshape(band, width, rows, columns, channels)
        parts = []
        for first in range(0, height, band):
            count = min(band, height - first)
            windows = laid[:count]
            parts.append(
                (
                    windows,
                    view[first : first + count],
                    windows.reshape(count * width, -1),
                    output[first : first + count].reshape(-1, out),
                )
            )

        def run() -> None:
            pad()
            for windows, seen, table, target in parts:
                np.copyto(windows, seen)
                np.matmul(table, matrix, out=target)
            finish()

        return run


class DepthwiseConvolution(Operator):
    """weights: kernel (rows, columns, channels), bias (channels,), perhaps slopes. options as for a convolution."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """(rows, columns, channels)."""
        (map_,) = inputs
        kernel, bias = weights[:2]
        if kernel.ndim != 3 or kernel.shape[2] != map_[2] or bias.shape != kernel.shape[2:]:
            raise UnfitError("weights", f"kernel {kernel.shape}, bias {bias.shape}")
        _check_activation(options, weights[2:], len(bias))
        return (*_windows(map_, kernel.shape[:2], options), len(bias))

    def products(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape) -> int:
        """Windows times one channel's kernel."""
        return output[0] * output[1] * int(weights[0].size)

    def scratch(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """The padded map, once more with its columns sorted by stride, and what is added up."""
        padded = _padded_size(inputs[0], options)
        sorted_ = 0 if options["stride"] == 1 else padded + (options["stride"] * inputs[0][2]) * (inputs[0][0] + 128)
        return padded + sorted_ + _finishing(output)

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """The sum over the kernel's places of the map, moved there, times their weights."""
        kernel = weights[0].astype(np.float32)
        rows, columns, channels = kernel.shape
        stride = options["stride"]
        height, width, _ = output.shape
        padded, pad = _padding(inputs[0], options, scratch)
        lanes = [padded.reshape(len(padded), -1)]
        sort: list[tuple[np.ndarray, np.ndarray]] = []
        if stride > 1:
            # every stride-th column side by side, so that a moved map is one piece of memory again
            lanes, at = [], padded.size
            for first in range(stride):
                some = padded[:, first::stride]
                lane = scratch[at : at + some.size].reshape(some.shape)
                at += some.size
                sort.append((lane, some))
                lanes.append(lane.reshape(len(lane), -1))
        tiled = np.tile(kernel, (1, 1, width)).reshape(rows, columns, width * channels)
        flat = output.reshape(height, width * channels)
        band = min(height, rows_of(width * channels))
        product = scratch[-_finishing(output.shape) :].reshape(band, -1)
        bands = []
        for first in range(0, height, band):
            count = min(band, height - first)
            moved = []
            for r in range(rows):
                here = slice(first * stride + r, (first + count - 1) * stride + r + 1, stride)
                for c in range(columns):
                    begin = c // stride * channels
                    moved.append((lanes[c % stride][here, begin : begin + width * channels], tiled[r, c]))
            target = flat[first : first + count]
            finish = _finisher(target, weights[1], weights[2:], options, product)
            bands.append((target, product[:count], moved, finish))

        def run() -> None:
            pad()
            for lane, some in sort:
                np.copyto(lane, some)
            for target, part, moved, finish in bands:
                np.multiply(*moved[0], out=target)
                for place, weight in moved[1:]:
                    np.multiply(place, weight, out=part)
                    np.add(target, part, out=target)
                finish()

        return run


class TransposedConvolution(Operator):
    """Each number becomes a square of stride × stride. weights: kernel (out, stride, stride, in), bias (out,)."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """(stride · rows, stride · columns, out)."""
        (map_,) = inputs
        kernel, bias = weights
        stride = options["stride"]
        if kernel.ndim != 4 or kernel.shape[1:] != (stride, stride, map_[2]) or bias.shape != kernel.shape[:1]:
            raise UnfitError("weights", f"kernel {kernel.shape}, bias {bias.shape}")
        return map_[0] * stride, map_[1] * stride, len(bias)

    def products(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape) -> int:
        """Numbers times kernels."""
        return inputs[0][0] * inputs[0][1] * int(weights[0].size)

    def scratch(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """The squares one after the other."""
        return prod(output)

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """One product of matrices, then the squares are put in their places."""
        kernel = weights[0].astype(np.float32)
        out, stride, _, channels = kernel.shape
        matrix = np.ascontiguousarray(kernel.reshape(out * stride * stride, channels).T)
        height, width, _ = inputs[0].shape
        source = inputs[0].reshape(-1, channels)
        table = scratch[: output.size].reshape(-1, out * stride * stride)
        squares = table.reshape(height, width, out, stride, stride).transpose(0, 3, 1, 4, 2)
        target = output.reshape(height, stride, width, stride, out)
        bias = weights[1].astype(np.float32)

        def run() -> None:
            np.matmul(source, matrix, out=table)
            np.add(squares, bias, out=target)

        return run


def _windows(map_: Shape, kernel: Sequence[int], options: Options) -> tuple[int, int]:
    """Rows and columns of the places that a kernel is put on."""
    stride, padding = options["stride"], options["padding"]
    if not all(isinstance(number, int) for number in (stride, *padding)):
        raise UnfitError("options", "stride and padding are whole numbers")
    if not 1 <= stride <= _MOST_STRIDE or not 1 <= min(kernel) <= max(kernel) <= _MOST_KERNEL:
        raise UnfitError("options", f"stride {stride}, kernel {tuple(kernel)}")
    top, bottom, left, right = padding
    if not all(0 <= side <= _MOST_PADDING for side in padding):
        raise UnfitError("options", f"padding {list(padding)}")
    return (map_[0] + top + bottom - kernel[0]) // stride + 1, (map_[1] + left + right - kernel[1]) // stride + 1


def _check_activation(options: Options, slopes: Sequence[np.ndarray], channels: int) -> None:
    name = options.get("activation", "none")
    if name not in ACTIVATIONS or len(slopes) != (name == "prelu") or any(s.shape != (channels,) for s in slopes):
        raise UnfitError("options.activation", f"{name!r} with {len(slopes)} arrays of slopes")


def _padded_size(map_: Shape, options: Options) -> int:
    top, bottom, left, right = options["padding"]
    return (map_[0] + top + bottom) * (map_[1] + left + right) * map_[2]


def _padding(source: np.ndarray, options: Options, scratch: np.ndarray) -> tuple[np.ndarray, Step]:
    """A map with zeros around it, and what fills it at each pass; the map itself where nothing is around it."""
    top, bottom, left, right = options["padding"]
    if not any(options["padding"]):
        return source, lambda: None
    height, width, channels = source.shape
    shape = height + top + bottom, width + left + right, channels
    padded = scratch[: prod(shape)].reshape(shape)
    inner = padded[top : top + height, left : left + width]
    around = padded[:top], padded[top + height :], padded[:, :left], padded[:, left + width :]

    def pad() -> None:
        for side in around:
            side.fill(0)
        np.copyto(inner, source)

    return padded, pad


def _finishing(output: Shape) -> int:
    """Numbers of working memory that bias and activation take."""
    row = prod(output[1:])
    return min(output[0], rows_of(row)) * row


def _finisher(
    flat: np.ndarray, bias: np.ndarray, slopes: Sequence[np.ndarray], options: Options, scratch: np.ndarray
) -> Step:
    """Add the bias and activate, a band of rows at a time. flat: (rows, columns · channels)."""
    columns = flat.shape[1] // len(bias)
    added = np.tile(bias.astype(np.float32), columns)
    steep = [np.tile(slope.astype(np.float32), columns) for slope in slopes]
    activation = ACTIVATIONS[options.get("activation", "none")]
    band = min(len(flat), rows_of(flat.shape[1]))
    memory = scratch.reshape(-1)
    parts = []
    for first in range(0, len(flat), band):
        rows = flat[first : first + band]
        parts.append((rows, memory[: rows.size].reshape(rows.shape)))

    def finish() -> None:
        for rows, part in parts:
            np.add(rows, added, out=rows)
            activation(rows, part, *steep)

    return finish

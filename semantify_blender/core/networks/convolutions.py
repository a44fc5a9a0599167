"""Convolutions of feature maps: products of matrices where they are whole, sums over a kernel's places where each
channel is on its own."""

from collections.abc import Sequence
from math import prod

import numpy as np

from .activations import ACTIVATIONS
from .operator import Operator, Options, Shape, Step, UnfitError, channels_of, rows_of, whole_numbers

_COLUMNS = 1 << 19
"""Numbers of a convolution's windows that are laid out at a time."""
_LONG = 160
"""Channels from which on NumPy's innermost loop need not go along the columns too."""
_MOST_KERNEL, _MOST_STRIDE, _MOST_PADDING = 64, 64, 64


class Convolution(Operator):
    """weights: kernel (rows, columns, in, out), bias (out,), perhaps the slopes of PReLU (out,).

    options: stride, padding [top, bottom, left, right], activation.
    """

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """(rows, columns, out)."""
        (map_,) = inputs
        kernel, bias = weights[:2]
        if kernel.ndim != 4 or kernel.shape[2] != channels_of(map_) or bias.shape != kernel.shape[3:]:
            raise UnfitError("weights", f"kernel {kernel.shape}, bias {bias.shape}")
        _check_activation(options, weights[2:], len(bias))
        return (*_windows(map_, kernel.shape[:2], options), len(bias))

    def products(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """Windows times kernels."""
        return output[0] * output[1] * int(weights[0].size)

    def scratch(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """The padded map, and windows laid out."""
        rows, columns = weights[0].shape[:2]
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
        rows, columns, channels, out = weights[0].shape
        matrix = weights[0].reshape(-1, out)
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
        if kernel.ndim != 3 or kernel.shape[2] != channels_of(map_) or bias.shape != kernel.shape[2:]:
            raise UnfitError("weights", f"kernel {kernel.shape}, bias {bias.shape}")
        _check_activation(options, weights[2:], len(bias))
        return (*_windows(map_, kernel.shape[:2], options), len(bias))

    def products(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """Windows times one channel's kernel; short loops cost as much as longer ones."""
        rows, columns, channels = weights[0].shape
        return output[0] * output[1] * rows * columns * max(channels, 64)

    def scratch(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """The padded map, and what its activation takes."""
        return _padded_size(inputs[0], options) + _finishing(output)

    def held(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """The weights, repeated for every column."""
        repeated = int(weights[0].size) * output[1] if _along_columns(weights[0], options) else 0
        return repeated + super().held(inputs, weights, output, options)

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """The sum over the kernel's places of the map, moved there, times their weights, in one pass."""
        kernel = weights[0]
        rows, columns, channels = kernel.shape
        stride = options["stride"]
        height, width, _ = output.shape
        flat = output.reshape(height, width * channels)
        padded, pad = _padding(inputs[0], options, scratch)
        down, along, each = padded.strides
        strided = np.lib.stride_tricks.as_strided
        if _along_columns(kernel, options):
            moved = strided(padded, (rows, columns, *flat.shape), (down, along, down, each), writeable=False)
            kernel, target, sums = np.tile(kernel, (1, 1, width)), flat, "rchn,rcn->hn"
        else:
            shape, strides = (rows, columns, *output.shape), (down, along, stride * down, stride * along, each)
            moved = strided(padded, shape, strides, writeable=False)
            target, sums = output, "rchwn,rcn->hwn"
        finish = _finisher(flat, weights[1], weights[2:], options, scratch[-_finishing(output.shape) :])

        def run() -> None:
            pad()
            np.einsum(sums, moved, kernel, out=target)
            finish()

        return run


def _along_columns(kernel: np.ndarray, options: Options) -> bool:
    """Whether columns and channels are one long row, with the weights repeated for every column."""
    return options["stride"] == 1 and kernel.shape[2] < _LONG


class TransposedConvolution(Operator):
    """Each number becomes a square of stride × stride. weights: kernel (in, stride, stride, out), bias (out,).

    options: stride.
    """

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """(stride · rows, stride · columns, out)."""
        (map_,) = inputs
        kernel, bias = weights
        (stride,) = whole_numbers(options, "stride", 1, 1, _MOST_STRIDE)
        if kernel.shape[:-1] != (channels_of(map_), stride, stride) or bias.shape != kernel.shape[3:]:
            raise UnfitError("weights", f"kernel {kernel.shape}, bias {bias.shape}")
        return map_[0] * stride, map_[1] * stride, len(bias)

    def products(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
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
        channels, stride, _, out = weights[0].shape
        matrix, bias = weights[0].reshape(channels, -1), weights[1]
        height, width, _ = inputs[0].shape
        source = inputs[0].reshape(-1, channels)
        table = scratch[: output.size].reshape(len(source), -1)
        squares = table.reshape(height, width, stride, stride, out).transpose(0, 2, 1, 3, 4)
        target = output.reshape(height, stride, width, stride, out)

        def run() -> None:
            np.matmul(source, matrix, out=table)
            np.add(squares, bias, out=target)

        return run


def _windows(map_: Shape, kernel: Sequence[int], options: Options) -> tuple[int, int]:
    """Rows and columns of the places that a kernel is put on."""
    (stride,) = whole_numbers(options, "stride", 1, 1, _MOST_STRIDE)
    top, bottom, left, right = whole_numbers(options, "padding", 4, 0, _MOST_PADDING)
    if not 1 <= min(kernel) <= max(kernel) <= _MOST_KERNEL:
        raise UnfitError("weights", f"a kernel of {tuple(kernel)}")
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
    added = np.tile(bias, columns)
    steep = [np.tile(slope, columns) for slope in slopes]
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

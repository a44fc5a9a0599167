"""What an operator of a graph is: the shape that it gives, the memory that it needs, and how it is done in NumPy.

Feature maps are (rows, columns, channels). NumPy is quick where its innermost loop is long, so a map is taken as rows
of columns × channels numbers wherever a weight belongs to a channel, and the weight is repeated for every column. What
takes several passes over the same numbers takes them a few rows at a time, which keeps them in the processor's cache.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

Shape = tuple[int, ...]
Options = Mapping[str, Any]
Step = Callable[[], None]
BAND = 24_576
"""Numbers of an output that are worked on at a time."""


class UnfitError(ValueError):
    """A graph that cannot be run. where: the field. problem: what is wrong with it."""

    def __init__(self, where: str, problem: str = "") -> None:
        super().__init__(f"{where}: {problem}" if problem else where)
        self.where, self.problem = where, problem


class Operator:
    """One kind of operator. weights are float32. The defaults are what most of them are: without working memory."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """The shape of the output. Raises UnfitError, or what a missing option raises, when the parts do not fit."""
        raise NotImplementedError

    def products(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """Multiplications, about."""
        return prod(output)

    def scratch(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """Numbers of working memory."""
        return 0

    def held(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """Numbers that are laid out once and stay, beside the output; what belongs to one row is not worth counting."""
        return 2 * prod(output[1:])

    def step(
        self,
        inputs: Sequence[np.ndarray],
        output: np.ndarray,
        weights: Sequence[np.ndarray],
        options: Options,
        scratch: np.ndarray,
    ) -> Step:
        """What is to be done at each pass, with all memory laid out before."""
        raise NotImplementedError


def rows_of(row: int, most: int = BAND) -> int:
    """How many rows of so many numbers are worked on at a time."""
    return max(1, most // max(row, 1))


def channels_of(map_: Shape) -> int:
    """Raises UnfitError for what is no feature map."""
    if len(map_) != 3:
        raise UnfitError("inputs", f"expected (rows, columns, channels), got {map_}")
    return map_[2]


def whole_numbers(options: Options, name: str, count: int, least: int, most: int) -> tuple[int, ...]:
    """An option that is a list of so many whole numbers, or one of them alone. Raises UnfitError unless it is."""
    found = options[name] if count > 1 else [options[name]]
    if not isinstance(found, list | tuple) or len(found) != count:
        raise UnfitError(f"options.{name}", f"expected {count} whole numbers")
    if not all(type(number) is int and least <= number <= most for number in found):
        raise UnfitError(f"options.{name}", f"expected whole numbers, {least} to {most}")
    return tuple(found)


def no_weights(weights: Sequence[np.ndarray]) -> None:
    """Raise UnfitError where there are any."""
    if weights:
        raise UnfitError("weights", "expected none")

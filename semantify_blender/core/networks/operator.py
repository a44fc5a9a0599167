"""What an operator of a graph is: the shape that it gives, the memory that it needs, and how it is done in NumPy.

Feature maps are (rows, columns, channels). NumPy is quick where its innermost loop is long, so a map is taken as rows
of columns × channels numbers wherever a weight belongs to a channel, and the weight is repeated for every column. Work
is done a few rows at a time, which keeps what is added up in the processor's cache.
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
    """One kind of operator. The default is what most of them are: as large as the first input, free of cost."""

    def shape(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], options: Options) -> Shape:
        """The shape of the output. Raises UnfitError, or what a missing option raises, when the parts do not fit."""
        raise NotImplementedError

    def products(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape) -> int:
        """Multiplications, about."""
        return prod(output)

    def scratch(self, inputs: Sequence[Shape], weights: Sequence[np.ndarray], output: Shape, options: Options) -> int:
        """Numbers of working memory."""
        return 0

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

"""Scorers of other packages: what `--clip NAME` may name besides a CLIP. Nothing here imports torch.

A package offers one by an entry point of the group `semantify.scorers`, in its pyproject.toml:

    [project.entry-points."semantify.scorers"]
    my-model = "my_package:MyModel"

It is called with the text after the colon of `--clip my-model:TEXT` ("" where there is none) and the device, "cpu",
"cuda" or "cuda:1", and returns a `Scorer` or a `Rater`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol

import numpy as np

from ...core.clip_names import SMALL, SMALL_NAMES
from ...core.errors import SemantifyError

GROUP = "semantify.scorers"
SIZE = 224
"""Pixels a side of the pictures that a scorer gets, unless it has a `size` of its own."""


class Scorer(Protocol):
    """Pictures and texts to vectors, whose cosine is the score: any vision-language model with two towers.

    version: any text; another one for whatever gives other vectors, so that what is kept is made anew.
    May also have `size`, pixels a side of the pictures that it wants, and `words`, the only ones that it knows.

    >>> class Mean:
    ...     version = "1"
    ...     def encode_images(self, images):
    ...         return np.array([np.asarray(image).mean((0, 1)) for image in images])
    ...     def encode_words(self, texts):
    ...         return np.array([[len(text), 1, 1] for text in texts])
    >>> scorer: Scorer = Mean()
    """

    version: str

    def encode_images(self, images: Sequence[Any]) -> Any:
        """n PIL images, RGB and square, to (n, D) numbers of any length: an array, or a tensor."""

    def encode_words(self, texts: Sequence[str]) -> Any:
        """n words, or prompts with a word in them, to (n, D)."""


class Rater(Protocol):
    """Pictures to scores of a fixed list of words: a measurement, a classifier, a model that answers questions.

    words: those it rates; take them from the text after the colon where any would do. version, and `size`: as `Scorer`.

    >>> class Light:
    ...     version, words = "1", ("light", "dark")
    ...     def rate_images(self, images):
    ...         light = np.array([np.asarray(image).mean() / 255 for image in images])
    ...         return np.stack([light, 1 - light], 1)
    >>> rater: Rater = Light()
    """

    version: str
    words: Sequence[str]

    def rate_images(self, images: Sequence[Any]) -> Any:
        """n PIL images, RGB and square, to (n, len(words)) scores, each from −1 to 1."""


@dataclass(frozen=True)
class Entry:
    """A scorer that an installed package offers. package: its name and version. value: module and thing in it."""

    name: str
    package: str
    value: str
    point: EntryPoint


def installed_scorers() -> dict[str, Entry]:
    """Name -> scorer, of all packages that are installed, by name. Nothing of them is imported."""
    found: dict[str, Entry] = {}
    for point in entry_points(group=GROUP):
        package = f"{point.dist.name} {point.dist.version}" if point.dist else ""
        entry = Entry(point.name, package, point.value, point)
        other = found.get(point.name)
        if other is not None and other.value != entry.value:
            raise SemantifyError(
                f"packages {other.package!r} and {entry.package!r} both offer a scorer {point.name!r}: uninstall one"
            )
        found[point.name] = entry
    return dict(sorted(found.items()))


def find_scorer(spec: str) -> Entry | None:
    """The scorer that a --clip names, NAME or NAME:TEXT; None where no package offers it. Our own come first."""
    name = spec.partition(":")[0]
    if name in (SMALL, *SMALL_NAMES.values(), "local-dir"):
        return None
    return installed_scorers().get(name)


def finite_rows(values: Any, rows: int, what: str) -> np.ndarray:
    """(rows, n) float32 of what a scorer returned. Raises SemantifyError, naming it, for anything else."""
    if hasattr(values, "detach"):  # a tensor, on whatever device and of whatever precision
        values = values.detach().float().cpu().numpy()
    try:
        found = np.asarray(values, np.float32)
    except (TypeError, ValueError) as error:
        raise SemantifyError(f"{what} returned no array of numbers") from error
    if found.ndim != 2 or len(found) != rows or not found.shape[1]:
        raise SemantifyError(f"{what} returned shape {found.shape}, expected ({rows}, n)")
    if not np.isfinite(found).all():
        raise SemantifyError(f"{what} returned numbers that are not finite")
    return found

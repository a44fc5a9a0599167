"""A package's scorer as a torch module, so that all that works with a CLIP works with it.

A rater's scores become a picture's vector of unit length, (r₁ … r_d, what is left) / √d, and a word that of its own
axis: the cosine of the two is the word's score by √d, and nothing else of the line has to know.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from ...core.descriptors import same_word
from ...core.errors import SemantifyError, reason_of
from .scorer import SIZE, Entry, finite_rows

_ROUNDING = 1e-3
"""A rating may be beyond ±1 by so much."""
_LARGEST_SIZE = 4096


class Texts(list[str]):
    """Texts in the place of tokens."""

    def to(self, _: torch.device) -> "Texts":
        """Themselves: a scorer moves what it makes of them."""
        return self


@dataclass(frozen=True, eq=False)
class Loaded:
    """A scorer that was loaded. label: for messages. words: the only ones it knows; None for any. size: pixels a side.

    rates: it is a `Rater`.
    """

    scorer: Any
    label: str
    words: tuple[str, ...] | None
    size: int
    rates: bool

    @property
    def identity(self) -> tuple[object, ...]:
        """What must be the same for its vectors to be."""
        return str(self.scorer.version), self.words, self.size

    def call(self, method: str, argument: Sequence[Any]) -> np.ndarray:
        """(n, D) of one of its methods. Raises SemantifyError, naming the scorer, for whatever goes wrong in it."""
        what = f"{self.label}: {method}"
        try:
            values = getattr(self.scorer, method)(argument)
        except SemantifyError:
            raise
        except Exception as error:
            raise SemantifyError(f"{what} failed ({type(error).__name__}: {reason_of(error)})") from error
        return finite_rows(values, len(argument), what)


def load_scorer(entry: Entry, argument: str, device: str) -> Loaded:
    """Import a package's scorer and make it. Raises SemantifyError for one that cannot be, or that is none."""
    label = f"scorer {entry.name!r} of {entry.package or entry.value}"
    try:
        scorer = entry.point.load()(argument, device)
    except SemantifyError:
        raise
    except Exception as error:
        raise SemantifyError(f"{label} cannot be loaded ({type(error).__name__}: {reason_of(error)})") from error
    rates = hasattr(scorer, "rate_images")
    wanted = ("version", "rate_images", "words") if rates else ("version", "encode_images", "encode_words")
    if missing := [name for name in wanted if not hasattr(scorer, name)]:
        raise SemantifyError(
            f"{label} has no {', '.join(missing)}: a scorer has version, encode_images and encode_words, or version, "
            "words and rate_images"
        )
    words = getattr(scorer, "words", None)
    known = None if words is None else tuple(map(str, words))
    if known is not None and (isinstance(words, str) or not known or len({*map(same_word, known)}) < len(known)):
        raise SemantifyError(f"{label}: its words are {words!r}, expected a list of different words")
    size = getattr(scorer, "size", SIZE)
    if not isinstance(size, int) or not 1 <= size <= _LARGEST_SIZE:
        raise SemantifyError(f"{label}: its size is {size!r}, expected pixels a side, 1 to {_LARGEST_SIZE}")
    return Loaded(scorer, label, known, size, rates)


class PackagedModel(nn.Module):
    """What `Clip` asks of a model, answered by a scorer."""

    def __init__(self, loaded: Loaded) -> None:
        """loaded: the scorer."""
        super().__init__()
        self.loaded = loaded
        self.visual = SimpleNamespace(image_size=loaded.size)
        self.columns = {same_word(word): number for number, word in enumerate(loaded.words or ())}

    def encode_image(self, pixels: torch.Tensor) -> torch.Tensor:
        """pixels: (B, 3, S, S), 0 to 255. Returns (B, D)."""
        values = pixels.round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy()
        images = [Image.fromarray(np.ascontiguousarray(one)) for one in values]
        # a scorer decides on its own precision
        with torch.autocast(pixels.device.type, enabled=False):
            if self.loaded.rates:
                return torch.from_numpy(self._rated(self.loaded.call("rate_images", images))).to(pixels.device)
            return torch.from_numpy(self.loaded.call("encode_images", images)).to(pixels.device)

    def encode_text(self, texts: Texts) -> torch.Tensor:
        """texts: n words or prompts. Returns (n, D)."""
        if not self.loaded.rates:
            return torch.from_numpy(self.loaded.call("encode_words", list(texts)))
        unknown = [text for text in texts if same_word(text) not in self.columns]
        if unknown:
            raise SemantifyError(
                f"{self.loaded.label} rates {', '.join(self.loaded.words or ())}, not {unknown[0]!r}: leave --template "
                "out, and give words of its own"
            )
        rows = np.zeros((len(texts), len(self.columns) + 1), np.float32)
        rows[np.arange(len(texts)), [self.columns[same_word(text)] for text in texts]] = 1.0
        return torch.from_numpy(rows)

    def _rated(self, ratings: np.ndarray) -> np.ndarray:
        """(B, d) ratings to (B, d + 1) vectors of unit length."""
        d = len(self.columns)
        if ratings.shape[1] != d:
            raise SemantifyError(f"{self.loaded.label}: rate_images gave {ratings.shape[1]} ratings for {d} words")
        if np.abs(ratings).max() > 1 + _ROUNDING:
            raise SemantifyError(
                f"{self.loaded.label}: rate_images gave {float(np.abs(ratings).max()):g}: ratings go from −1 to 1"
            )
        axes = np.clip(ratings, -1, 1) / d**0.5
        return np.concatenate([axes, np.sqrt(np.maximum(1 - (axes**2).sum(1, keepdims=True), 0))], 1)


def try_out(
    pictures: Callable[[list[Any]], np.ndarray], texts: Callable[[list[str]], np.ndarray], loaded: Loaded
) -> None:
    """Two pictures and a word, before anything is rendered. Raises SemantifyError when they do not fit together."""
    noise = np.random.default_rng(0).integers(0, 256, (loaded.size, loaded.size, 3), np.uint8)
    shown = pictures([Image.fromarray(noise), Image.fromarray(255 - noise)])
    said = texts([loaded.words[0] if loaded.words else "tall"])
    if shown.shape[1] != said.shape[1]:
        raise SemantifyError(
            f"{loaded.label}: pictures become {shown.shape[1]} numbers and words {said.shape[1]}, expected as many"
        )
    if not np.asarray(shown, np.float32).any(1).all() or not said.any():
        raise SemantifyError(f"{loaded.label}: embeds a picture or a word as nothing but zeros")

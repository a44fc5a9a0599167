"""What a choice of descriptors is asked for, and what comes out: why each word was taken or dropped."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from ...core.errors import SemantifyError
from .clusters import Clusters
from .directional import Explained

TAKEN, PRESET, ADDED_BACK = "taken", "preset", "added back"
CORRELATED, RELATED, NON_DIRECTIONAL, CONSTANT, SURPLUS = (
    "correlated", "synonym or antonym", "non-directional", "constant", "beyond the count",
)  # fmt: skip
STRICT, AS_PAPER, OFF = "strict", "paper", "off"
LEXICONS = (STRICT, AS_PAPER, OFF)
"""How strictly synonyms and antonyms are kept apart."""


@dataclass(frozen=True)
class SelectionOptions:
    """threshold: correlation above which a word is dropped; None: the paper's median over all pairs (their code: 0.6).

    preset: words that start the chosen set and are never dropped. count: how many to end with, None for what comes out.
    add_back: to reach the count, take filtered words by "variance" (the paper) or the "least correlated" first.
    keep_non_directional: keep words whose score grows with the distance from some shape instead of along a direction.
    votes: how many of an image's most similar words vote. clusters: K, None for the best silhouette in 2..10.
    cluster_views: names of the views whose pictures are clustered, none for all (the authors' code: front).
    signed_correlation: where the clusters' words are merged, drop only those that rise together (the authors' code).
    lexicon: "strict", synonyms and antonyms are dropped and never come back; "paper", they may, to reach the count;
    "off", they are as other words.

    >>> SelectionOptions(preset=("tall", "curvy"), count=5).add_back
    'variance'
    """

    threshold: float | None = None
    preset: tuple[str, ...] = ()
    count: int | None = None
    add_back: str = "variance"
    keep_non_directional: bool = False
    votes: int = 5
    clusters: int | None = None
    cluster_views: tuple[str, ...] = ()
    signed_correlation: bool = False
    lexicon: str = STRICT
    seed: int = 0


@dataclass(frozen=True)
class Decision:
    """Why one word was taken or dropped. cluster −1 when it was out before clustering; other is the word in its way."""

    word: str
    taken: bool
    reason: str
    text: str
    variance: float
    cluster: int = -1
    other: str | None = None
    value: float | None = None


@dataclass(frozen=True, eq=False)
class Selection:
    """chosen: the descriptors, presets first, then by descending variance.

    decisions: one per word, in the words' order. correlation: (d, d) signed, of all words. threshold: the one used.
    clusters: the images' clusters; votes: (K, words). explained: how well the coefficients explain each word's score.
    """

    chosen: tuple[str, ...]
    words: tuple[str, ...]
    decisions: tuple[Decision, ...]
    correlation: np.ndarray
    variance: np.ndarray
    threshold: float
    clusters: Clusters
    votes: np.ndarray
    word_clusters: np.ndarray
    explained: tuple[Explained, ...] = ()
    options: SelectionOptions = field(default_factory=SelectionOptions)
    note: str = ""

    def check_chosen(self, clip: str, model: str) -> None:
        """Raise SemantifyError when no word was chosen, with the commonest reason."""
        if self.chosen:
            return
        reasons = Counter(decision.reason for decision in self.decisions)
        why = ", ".join(f"{number} {reason}" for reason, number in reasons.most_common())
        raise SemantifyError(
            f"no word follows the shape: CLIP {clip!r} sees none of the {len(self.words)} words in the pictures of "
            f"{model} ({why}); give other --words, another --clip or more samples"
            + ("" if self.options.keep_non_directional else ", or --keep-non-directional")
        )

    def to_json(self) -> dict[str, Any]:
        """Everything a report or another program needs, as plain JSON values."""
        return {
            "chosen": list(self.chosen),
            "words": list(self.words),
            "decisions": [asdict(decision) for decision in self.decisions],
            "correlation": np.round(self.correlation, 4).tolist(),
            "variance": np.round(self.variance, 6).tolist(),
            "threshold": self.threshold,
            "clusters": {
                "count": self.clusters.count,
                "sizes": self.clusters.sizes.tolist(),
                "silhouette": self.clusters.silhouettes,
                "examples": self.clusters.examples,
            },
            "votes": np.round(self.votes, 4).tolist(),
            "word_clusters": self.word_clusters.tolist(),
            "explained": [asdict(explained) for explained in self.explained],
            "options": asdict(self.options),
            "note": self.note,
        }

"""Choosing a small set of disentangled descriptors out of many words (paper section 3.3)."""

from collections.abc import Sequence

import numpy as np

from ...core.descriptors import distinct_words, same_word
from ...core.errors import SemantifyError
from .clusters import find_clusters, vote
from .directional import how_directional
from .lexicon import Lexicon, shipped_lexicon
from .selection import (
    ADDED_BACK,
    CONSTANT,
    CORRELATED,
    LEXICONS,
    NON_DIRECTIONAL,
    OFF,
    PRESET,
    RELATED,
    STRICT,
    SURPLUS,
    TAKEN,
    Decision,
    Selection,
    SelectionOptions,
)  # fmt: skip


def select_descriptors(
    scores: np.ndarray,
    words: Sequence[str],
    embeddings: np.ndarray,
    coefficients: np.ndarray | None = None,
    options: SelectionOptions | None = None,
    lexicon: Lexicon | None = None,
) -> Selection:
    """Select descriptors.

    scores: (N, d) Ω of the samples. embeddings: (N, D) or (N, views, D) image embeddings, for the clusters.
    coefficients: (N, K), to recognise non-directional words; None skips that.
    Deterministic under options.seed. Raises SemantifyError for presets that were not scored or too few samples.
    """
    return _Selector(scores, tuple(words), embeddings, coefficients, options or SelectionOptions(), lexicon).run()


class _Selector:
    """The state of one selection: what is known of each word and what was decided about it."""

    def __init__(
        self,
        scores: np.ndarray,
        words: tuple[str, ...],
        embeddings: np.ndarray,
        coefficients: np.ndarray | None,
        options: SelectionOptions,
        lexicon: Lexicon | None,
    ) -> None:
        columns = {same_word(word): number for number, word in enumerate(words)}
        preset = distinct_words(options.preset)
        missing = [word for word in preset if same_word(word) not in columns]
        if missing:
            raise SemantifyError(f"preset words {', '.join(map(repr, missing))} were not scored; add them to the words")
        if options.add_back not in ("variance", "least correlated"):
            raise SemantifyError(f"add_back is {options.add_back!r}: choose 'variance' or 'least correlated'")
        if options.lexicon not in LEXICONS:
            raise SemantifyError(f"lexicon is {options.lexicon!r}: choose one of {', '.join(LEXICONS)}")
        if options.count is not None and options.count < max(1, len(preset)):
            raise SemantifyError(f"count is {options.count}: give at least 1 and no fewer than the preset words")
        self.scores = np.asarray(scores, np.float64)
        self.words, self.options = words, options
        self.lexicon = lexicon or shipped_lexicon()
        self.variance = self.scores.var(0)
        self.correlation = _correlation(self.scores)
        self.clusters = find_clusters(embeddings, options.clusters, options.seed)
        self.votes, self.word_clusters = vote(self.scores, self.clusters, options.votes)
        self.explained = how_directional(self.scores, coefficients) if coefficients is not None else ()
        self.decisions: dict[int, Decision] = {}
        self.preset = [columns[same_word(word)] for word in preset]

    def run(self) -> Selection:
        candidates = self._candidates()
        self.threshold = self._threshold([*self.preset, *candidates])
        order = sorted(candidates, key=lambda i: (-self.variance[i], self.words[i]))
        merged = []
        for cluster in range(self.clusters.count):
            merged += self._filter([i for i in order if self.word_clusters[i] == cluster])
        chosen = self._filter(sorted(merged, key=order.index), self.options.signed_correlation)
        chosen, note = self._fit_count(chosen, order)
        for i in self.preset:
            self._decide(i, True, PRESET, "given by you, so it starts the set and is never dropped")
        return Selection(
            chosen=tuple(self.words[i] for i in [*self.preset, *chosen]),
            words=self.words,
            decisions=tuple(self.decisions[i] for i in range(len(self.words))),
            correlation=self.correlation,
            variance=self.variance,
            threshold=self.threshold,
            clusters=self.clusters,
            votes=self.votes,
            word_clusters=self.word_clusters,
            explained=self.explained,
            options=self.options,
            note=note,
        )

    def _candidates(self) -> list[int]:
        found = []
        for i in range(len(self.words)):
            if i in self.preset:
                continue
            if self.variance[i] < 1e-12:
                self._decide(i, False, CONSTANT, "its score is the same for every shape")
            elif self.explained and not self.explained[i].directional and not self.options.keep_non_directional:
                self._decide(i, False, NON_DIRECTIONAL, self.explained[i].text, value=self.explained[i].linear)
            else:
                found.append(i)
        return found

    def _threshold(self, indices: list[int]) -> float:
        if self.options.threshold is not None:
            return self.options.threshold
        pairs = np.abs(self.correlation[np.ix_(indices, indices)])[np.triu_indices(len(indices), 1)]
        return float(np.median(pairs)) if len(pairs) else 1.0

    def _filter(self, order: list[int], signed: bool = False) -> list[int]:
        """Take words in the given order unless correlated with, or a synonym or antonym of, one taken before.

        signed: words whose scores fall where those of one taken before rise are not in its way.
        """
        taken: list[int] = []
        for i in order:
            blocker = self._blocker(i, [*self.preset, *taken], signed)
            if blocker is None:
                taken.append(i)
                self._decide(i, True, TAKEN, f"the largest variance left ({self.variance[i]:.3g})")
            else:
                self.decisions[i] = blocker
        return taken

    def _blocker(self, i: int, taken: list[int], signed: bool) -> Decision | None:
        """The decision that drops word i in view of those taken; None when nothing is in its way."""
        for j in taken:
            value = float(self.correlation[i, j])
            if (value if signed else abs(value)) > self.threshold:
                text = f"correlated with {self.words[j]} ({value:.2f}, threshold {self.threshold:.2f})"
                return self._decision(i, False, CORRELATED, text, self.words[j], value)
        return self._lexical_blocker(i, taken)

    def _lexical_blocker(self, i: int, taken: list[int]) -> Decision | None:
        if self.options.lexicon == OFF:
            return None
        for j in taken:
            relation = self.lexicon.relation(self.words[i], self.words[j])
            if relation:
                return self._decision(i, False, RELATED, f"{relation} of {self.words[j]}", self.words[j])
        return None

    def _fit_count(self, chosen: list[int], order: list[int]) -> tuple[list[int], str]:
        """Drop from the bottom or add filtered words back until the preset count is met."""
        if self.options.count is None:
            return chosen, ""
        wanted = self.options.count - len(self.preset)
        for i in chosen[wanted:]:
            self._decide(i, False, SURPLUS, f"the smallest variances go when {self.options.count} words are asked for")
        chosen = chosen[:wanted]
        # synonyms and antonyms do not come back: two sliders that fight each other help nobody
        strict = self.options.lexicon == STRICT
        while len(chosen) < wanted:
            taken = [*self.preset, *chosen]
            left = [i for i in order if i not in chosen and not (strict and self._lexical_blocker(i, taken))]
            if not left:
                have = len(self.preset) + len(chosen)
                without = " without synonyms and antonyms" if strict else ""
                return self._sorted(chosen), f"only {have} word{'s are' if have != 1 else ' is'} left{without}"
            strongest = {i: float(np.abs(self.correlation[i, taken]).max()) if taken else 0.0 for i in left}
            best = (
                left[0]
                if self.options.add_back == "variance"
                else min(left, key=lambda i: (strongest[i], self.words[i]))
            )
            chosen.append(best)
            related = self._lexical_blocker(best, taken)
            though = related.text if related else f"correlated {strongest[best]:.2f} with a chosen one"
            text = f"back to reach {self.options.count} words, though {though}"
            self._decide(best, True, ADDED_BACK, text, value=strongest[best])
        for i in order if strict else ():  # a word that a later addition ruled out should say so
            if i not in chosen and (blocker := self._lexical_blocker(i, [*self.preset, *chosen])):
                self.decisions[i] = blocker
        return self._sorted(chosen), ""

    def _sorted(self, chosen: list[int]) -> list[int]:
        return sorted(chosen, key=lambda i: (-self.variance[i], self.words[i]))

    def _decide(
        self, i: int, taken: bool, reason: str, text: str, other: str | None = None, value: float | None = None
    ) -> None:
        self.decisions[i] = self._decision(i, taken, reason, text, other, value)

    def _decision(
        self, i: int, taken: bool, reason: str, text: str, other: str | None = None, value: float | None = None
    ) -> Decision:
        cluster = int(self.word_clusters[i])
        return Decision(self.words[i], taken, reason, text, float(self.variance[i]), cluster, other, value)


def _correlation(scores: np.ndarray) -> np.ndarray:
    """(d, d) Pearson correlation; 0 with a constant word instead of NaN."""
    centred = scores - scores.mean(0)
    length = np.linalg.norm(centred, axis=0)
    unit = centred / np.where(length > 1e-12, length, 1.0)
    return np.clip(unit.T @ unit, -1.0, 1.0)

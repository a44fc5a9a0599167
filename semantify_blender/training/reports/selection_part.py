"""The report's part on how the words were chosen: clusters, votes, correlations, decisions, score histograms."""

import base64
from typing import Any

import numpy as np
from markupsafe import Markup

from ...core.dataset import Dataset
from ..scoring.scores import Scores
from .small_charts import bars, heat_map, histogram


def selection_values(selection: dict[str, Any], scores: Scores | None, dataset: Dataset | None) -> dict[str, Any]:
    """What the report's template needs of a `selection.json`, the scores of all words and the dataset's pictures."""
    words, matrix = selection["words"], np.array(selection["correlation"], float)
    order = _by_similarity(matrix)
    names = [words[i] for i in order]
    silhouette = selection["clusters"]["silhouette"]
    return {
        "selection": selection,
        "decisions": sorted(
            selection["decisions"], key=lambda decision: (not decision["taken"], -decision["variance"])
        ),
        "linear": {words[entry["word_index"]]: max(entry["linear"], 0.0) for entry in selection["explained"]},
        "correlation": heat_map(names, names, matrix[np.ix_(order, order)]),
        "clusters": _clusters(selection, dataset),
        "votes": _votes(selection),
        "silhouettes": bars([f"K = {k}" for k in silhouette], list(silhouette.values())),
        "histograms": _histograms(scores),
    }


def _histograms(scores: Scores | None) -> list[Markup]:
    if scores is None:
        return []
    return [histogram(scores.values[:, i], scores.words[i]) for i in np.argsort(-scores.values.var(0))]


def _by_similarity(matrix: np.ndarray) -> np.ndarray:
    """Order by the leading eigenvector's angle, so that blocks of alike words become visible."""
    values, vectors = np.linalg.eigh(matrix)
    if len(values) < 2:
        return np.arange(len(values))
    return np.argsort(np.arctan2(vectors[:, -2], vectors[:, -1]), kind="stable")


def _clusters(selection: dict[str, Any], dataset: Dataset | None) -> list[dict[str, Any]]:
    """For each cluster its size, the words that are in it, and its example pictures."""
    pictures, words = _examples(selection["clusters"]["examples"], dataset), selection["words"]
    return [
        {
            "size": selection["clusters"]["sizes"][k],
            "words": [word for word, own in zip(words, selection["word_clusters"], strict=True) if own == k],
            "pictures": pictures[k],
        }
        for k in range(selection["clusters"]["count"])
    ]


def _votes(selection: dict[str, Any]) -> Markup:
    votes = np.array(selection["votes"], float)
    voted = np.argsort(-votes.max(0))[: max(1, min(14, int((votes.max(0) > 0).sum())))]
    names = [f"cluster {k + 1}" for k in range(len(votes))]
    return heat_map(names, [selection["words"][i] for i in voted], votes[:, voted], signed=False)


def _examples(examples: list[list[int]], dataset: Dataset | None) -> list[list[str]]:
    """Data URIs of the pictures nearest to each cluster's centre, first view only."""
    if dataset is None:
        return [[] for _ in examples]
    wanted = {sample for part in examples for sample in part}
    first = dataset.spec.views[0].name
    kind = "jpeg" if dataset.spec.image_format == "jpg" else "png"
    found: dict[int, str] = {}
    for shard in sorted({sample // dataset.spec.shard_size for sample in wanted if 0 <= sample < len(dataset)}):
        for sample, view, data in dataset.shard_images(shard):
            if sample in wanted and view == first:
                found[sample] = f"data:image/{kind};base64," + base64.b64encode(data).decode()
    return [[found[sample] for sample in part if sample in found] for part in examples]

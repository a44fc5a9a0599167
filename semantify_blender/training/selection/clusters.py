"""Segmenting the shape space by its images, and letting the images vote for words (paper section 3.3, "Clustering")."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from ...core.errors import SemantifyError

LARGEST = 10
SILHOUETTE_SAMPLES = 2000


@dataclass(frozen=True, eq=False)
class Clusters:
    """labels: (N,) int. sizes: (K,). silhouettes: K tried -> score. examples: samples nearest each centre."""

    labels: np.ndarray
    sizes: np.ndarray
    silhouettes: dict[int, float]
    examples: list[list[int]]

    @property
    def count(self) -> int:
        """K, the number of clusters."""
        return len(self.sizes)


def find_clusters(embeddings: np.ndarray, count: int | None = None, seed: int = 0) -> Clusters:
    """K-means with K by the best silhouette in 2..10, or a given K.

    embeddings: (N, D) or (N, views, D). A sample's views are put end to end: clustered singly, front and side views
    would fall apart into two clusters that say nothing about shape.
    Raises SemantifyError with fewer than three samples, or as many clusters as samples.
    """
    flat = np.asarray(embeddings, np.float32).reshape(len(embeddings), -1)
    if len(flat) < 3:
        raise SemantifyError(f"{len(flat)} samples are too few to select descriptors: render more")
    if count is not None and not 1 <= count < len(flat):
        raise SemantifyError(
            f"--clusters is {count}, but there are {len(flat)} samples: give from 1 to {len(flat) - 1}"
        )
    tried = [count] if count else range(2, min(LARGEST, len(flat) - 1) + 1)
    fits = {k: KMeans(k, n_init=2, random_state=seed).fit(flat) for k in tried if k}
    scores = {k: _silhouette(flat, fit.labels_, seed) for k, fit in fits.items()}
    best = max(scores, key=lambda k: (scores[k], -k))
    labels = fits[best].labels_
    distances = fits[best].transform(flat)
    examples = [
        sorted(np.flatnonzero(labels == k), key=lambda i, k=k: (distances[i, k], i))[:5]  # type: ignore[misc]
        for k in range(best)
    ]
    return Clusters(labels, np.bincount(labels, minlength=best), scores, [[int(i) for i in part] for part in examples])


def pictures_clustered(embeddings: np.ndarray, views: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """The embeddings of some views. embeddings: (N, views, D); wanted: names among `views`, none for all.

    Raises SemantifyError for a view that was not rendered.
    """
    if missing := [view for view in wanted if view not in views]:
        raise SemantifyError(
            f"no view {missing[0]!r} to cluster by: the dataset has {', '.join(views)} (--cluster-views)"
        )
    return embeddings[:, [views.index(view) for view in dict.fromkeys(wanted)]] if wanted else embeddings


def vote(scores: np.ndarray, clusters: Clusters, votes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Each sample's most similar words vote for its cluster, a vote weighing 1 / cluster size.

    scores: (N, d). Returns votes (K, d) and each word's cluster (d,): the largest sum of votes. A word nobody voted for
    goes where its standardised score is highest.
    """
    top = np.argsort(-scores, axis=1, kind="stable")[:, :votes]
    sums = np.zeros((clusters.count, scores.shape[1]))
    np.add.at(sums, (clusters.labels[:, None], top), (1.0 / clusters.sizes[clusters.labels])[:, None])
    standard = (scores - scores.mean(0)) / np.maximum(scores.std(0), 1e-12)
    means = np.stack([standard[clusters.labels == k].mean(0) for k in range(clusters.count)])
    assigned = np.where(sums.max(0) > 0, sums.argmax(0), means.argmax(0))
    return sums, assigned


def _silhouette(points: np.ndarray, labels: np.ndarray, seed: int) -> float:
    if len(np.unique(labels)) < 2:
        return -1.0
    size = SILHOUETTE_SAMPLES if len(points) > SILHOUETTE_SAMPLES else None
    return float(silhouette_score(points, labels, sample_size=size, random_state=seed))

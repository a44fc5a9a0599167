"""The report's part on how the words were chosen: clusters, votes, correlations, decisions, score histograms."""

import base64
from html import escape
from typing import Any

import numpy as np

from ..core.dataset import Dataset
from .scores import Scores
from .svg import bars, heat_map, histogram


def selection_sections(selection: dict[str, Any], scores: Scores | None, dataset: Dataset | None) -> list[str]:
    """HTML sections from `selection.json`, the scores of all words and the dataset's pictures."""
    sections = [_decisions(selection), _correlation(selection), _clusters(selection, dataset)]
    if scores is not None:
        order = np.argsort(-scores.values.var(0))
        charts = "".join(histogram(scores.values[:, i], scores.words[i]) for i in order)
        sections.append(
            "<section><h2>Scores of all words</h2><p class=muted>Widest first.</p>"
            f"<div class=row>{charts}</div></section>"
        )
    return sections


def _decisions(selection: dict[str, Any]) -> str:
    decisions = sorted(selection["decisions"], key=lambda d: (not d["taken"], -d["variance"]))
    explained = {selection["words"][e["word_index"]]: e for e in selection["explained"]}
    rows = []
    for decision in decisions:
        found = explained.get(decision["word"])
        linear = f"{max(found['linear'], 0):.2f}" if found else "–"
        mark = "<td class=yes>✓</td>" if decision["taken"] else "<td class=no>–</td>"
        rows.append(
            f"<tr{' class=taken' if decision['taken'] else ''}>{mark}<th>{escape(decision['word'])}</th>"
            f"<td>{decision['cluster'] + 1}</td><td>{decision['variance']:.3g}</td><td>{linear}</td>"
            f"<td class=text><b>{escape(decision['reason'])}</b>: {escape(decision['text'])}</td></tr>"
        )
    note = f"<p>{escape(selection['note'])}</p>" if selection["note"] else ""
    heads = ("", "word", "cluster", "variance", "linear R²", "why")
    return (
        f"<section><h2>How the words were chosen</h2><p>Chosen: <b>{escape(', '.join(selection['chosen']))}</b>. "
        f"Correlation limit {selection['threshold']:.2f}.</p>{note}<table><thead><tr>"
        f"{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead><tbody>{''.join(rows)}</tbody></table></section>"
    )


def _correlation(selection: dict[str, Any]) -> str:
    matrix = np.array(selection["correlation"])
    order = _by_similarity(matrix)
    words = [selection["words"][i] for i in order]
    return (
        "<section><h2>Correlation of the scores</h2><p class=muted>Red: rise together. Blue: opposite. Words that "
        f"behave alike stand together.</p>{heat_map(words, words, matrix[np.ix_(order, order)])}</section>"
    )


def _by_similarity(matrix: np.ndarray) -> np.ndarray:
    """Order by the leading eigenvector's angle, so that blocks of alike words become visible."""
    values, vectors = np.linalg.eigh(matrix)
    if len(values) < 2:
        return np.arange(len(values))
    return np.argsort(np.arctan2(vectors[:, -2], vectors[:, -1]), kind="stable")


def _clusters(selection: dict[str, Any], dataset: Dataset | None) -> str:
    clusters, words = selection["clusters"], selection["words"]
    votes = np.array(selection["votes"])
    voted = np.argsort(-votes.max(0))[: max(1, min(14, int((votes.max(0) > 0).sum())))]
    rows = []
    pictures = _examples(clusters["examples"], dataset)
    for k in range(clusters["count"]):
        own = [words[i] for i in range(len(words)) if selection["word_clusters"][i] == k]
        images = "".join(f'<img src="{uri}" alt="">' for uri in pictures[k])
        rows.append(
            f"<div class=cluster><h3>Cluster {k + 1}: {clusters['sizes'][k]} shapes</h3><div class=strip>{images}</div>"
            f"<p class=muted>{escape(', '.join(own)) or 'no words'}</p></div>"
        )
    names = [f"cluster {k + 1}" for k in range(clusters["count"])]
    silhouettes = clusters["silhouette"]
    scores = bars([f"K = {k}" for k in silhouettes], list(silhouettes.values()))
    return (
        f"<section><h2>Clusters and votes</h2>{''.join(rows)}<div class=row><div><h3>Votes (per shape of the cluster)"
        f"</h3>{heat_map(names, [words[i] for i in voted], votes[:, voted], signed=False)}</div>"
        f"<div><h3>Silhouette</h3>{scores}</div></div></section>"
    )


def _examples(examples: list[list[int]], dataset: Dataset | None) -> list[list[str]]:
    """Data URIs of the pictures nearest to each cluster's centre, first view only."""
    if dataset is None:
        return [[] for _ in examples]
    wanted = {sample for part in examples for sample in part}
    first = dataset.spec.views[0].name
    kind = "jpeg" if dataset.spec.image_format == "jpg" else "png"
    found: dict[int, str] = {}
    for shard in sorted({sample // dataset.spec.shard_size for sample in wanted}):
        for sample, view, data in dataset.shard_images(shard):
            if sample in wanted and view == first:
                found[sample] = f"data:image/{kind};base64," + base64.b64encode(data).decode()
    return [[found[sample] for sample in part if sample in found] for part in examples]

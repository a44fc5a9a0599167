"""What a fitter learns from: embeddings of wild pictures, and the shapes and views that they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...core.dataset import Dataset
from ...core.errors import FileFormatError, SemantifyError
from ...core.files.npz import one_array
from ...core.model.morphable_model import MorphableModel
from ...core.progress import PictureProgress
from .picture_encoder import PictureEncoder
from .variation import POOL, Variation
from .wild_pictures import cut_dataset, view_angles

TARGETS = "targets.npz"
"""Beside a dataset of shapes that no model made: name of a model -> (N, K), the coefficients it should give.

Rows of NaN are shapes that are none of the model's business, men for a model of women; they are left out.
"""
_VARIED = 128
"""Pictures varied together; chance is drawn for them together, so that this is no matter of --batch."""


@dataclass(frozen=True, eq=False)
class FitterData:
    """embeddings (P, N, D): P variations of N pictures. coefficients (N, K). angles (P, N, 2) yaw and pitch, degrees.

    shape: (N,) number of the shape that a picture shows; several pictures may show one.
    """

    embeddings: np.ndarray
    coefficients: np.ndarray
    angles: np.ndarray
    shape: np.ndarray


def targets_of(dataset: Dataset, model: MorphableModel) -> np.ndarray:
    """(N, K) coefficients that a model should give for a dataset's shapes.

    Raises SemantifyError or FileFormatError when the dataset was rendered from another model and says nothing of this.
    """
    path = dataset.folder / TARGETS
    if path.is_file():
        rows = one_array(path, model.name)
        wanted = (len(dataset), model.component_count)
        if rows is None or rows.dtype.kind not in "fiu" or rows[: len(dataset)].shape != wanted:
            raise FileFormatError(path, model.name, f"expected {wanted[0]} × {wanted[1]} numbers")
        if np.isinf(rows).any():
            raise FileFormatError(path, model.name, "holds infinite numbers; NaN marks shapes that are left out")
        return rows[: len(dataset)].astype(np.float32)
    if dataset.spec.model_checksum != model.checksum:
        raise SemantifyError(
            f"{dataset.folder} shows model {dataset.spec.model!r}, not {model.name!r}: render one of it, or put the "
            f"coefficients it should give into {TARGETS}"
        )
    return dataset.coefficients()


def fitter_data(
    folders: Sequence[Path],
    models: Sequence[MorphableModel],
    encoder: PictureEncoder,
    passes: int = 3,
    seed: int = 0,
    progress: PictureProgress | None = None,
) -> list[FitterData]:
    """Lay the pictures of wild datasets on backdrops, vary and embed them, `passes` times: a result for each model."""
    datasets = [Dataset.open(folder) for folder in folders]
    targets = [[targets_of(dataset, model) for dataset in datasets] for model in models]
    cuts = np.concatenate([cut_dataset(dataset, encoder.size) for dataset in datasets])
    views = [len(dataset.spec.views) for dataset in datasets]
    counts = np.cumsum([0] + [len(dataset) for dataset in datasets])
    shape = np.concatenate([
        np.arange(first, first + len(dataset)).repeat(n)
        for first, dataset, n in zip(counts[:-1], datasets, views, strict=True)
    ])  # fmt: skip
    seen = np.concatenate([view_angles(dataset) for dataset in datasets])
    vary = Variation(encoder.size, seed + 1, min(POOL, passes * len(cuts)))
    embeddings, angles = [], []
    for number in range(passes):
        parts, mirrors, waiting = [], [], []
        for start in range(0, len(cuts), _VARIED):
            varied = vary(cuts[start : start + _VARIED])
            waiting.append((varied.pictures * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy())
            mirrors.append(varied.mirrored.numpy())
            done = min(start + _VARIED, len(cuts))
            if sum(map(len, waiting)) >= encoder.batch or done == len(cuts):
                parts.append(encoder.embed(np.concatenate(waiting)))
                waiting.clear()
            if progress:
                progress(number * len(cuts) + done, passes * len(cuts), 0.0)
        embeddings.append(np.concatenate(parts))
        turned = seen.copy()
        turned[np.concatenate(mirrors), 0] *= -1
        angles.append(turned)
    embedded, turns = np.stack(embeddings), np.stack(angles)
    found = []
    for own in targets:
        coefficients = np.concatenate([rows.repeat(n, 0) for rows, n in zip(own, views, strict=True)])
        kept = np.isfinite(coefficients).all(1)
        if not kept.any():
            raise SemantifyError(f"{', '.join(map(str, folders))}: every shape is left out, nothing is to be learnt")
        found.append(FitterData(embedded[:, kept], coefficients[kept], turns[:, kept], shape[kept]))
    return found

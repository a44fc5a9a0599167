"""What a fitter learns from: embeddings of wild pictures, and the shapes and views that they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...core.dataset import Dataset
from ...core.errors import FileFormatError, SemantifyError
from ...core.files.npz import one_array
from ...core.finders.mirror import SWAPPED
from ...core.model.morphable_model import MorphableModel
from ...core.model.sampling import generator
from ...core.progress import PictureProgress
from .picture_encoder import PictureEncoder
from .variation import BACKDROPS, POOL, Variation, Varied
from .wild_pictures import framed_dataset, view_angles
from .wild_points import wild_points

TARGETS = "targets.npz"
"""Beside a dataset of shapes that no model made: name of a model -> (N, K), the coefficients it should give.

Rows of NaN are shapes that are none of the model's business, men for a model of women; they are left out.
"""
UNSEEN = 0.35
"""Share of figures on grey whose joints nobody looked for."""
_VARIED = 128
"""Pictures varied together; chance is drawn for them together, so that this is no matter of --batch."""


@dataclass(frozen=True, eq=False)
class FitterData:
    """embeddings (P, N, D): P variations of N pictures. coefficients (N, K). angles (P, N, 2) yaw and pitch, degrees.

    shape: (N,) number of the shape that a picture shows; several pictures may show one. joints: (P, N, 33, 2) float32
    where the points of a body are, −1..1 across the picture, NaN where a finder would not see them; None where the
    subject has none.
    """

    embeddings: np.ndarray
    coefficients: np.ndarray
    angles: np.ndarray
    shape: np.ndarray
    joints: np.ndarray | None = None


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
    framed = [framed_dataset(dataset, encoder.size) for dataset in datasets]
    cuts = np.concatenate([cut for cut, _ in framed])
    told = [wild_points(dataset, frames, models) for dataset, (_, frames) in zip(datasets, framed, strict=True)]
    known = [one for one in told if one is not None]
    points = np.concatenate(known) if len(known) == len(told) else None
    views = [len(dataset.spec.views) for dataset in datasets]
    counts = np.cumsum([0] + [len(dataset) for dataset in datasets])
    shape = np.concatenate([
        np.arange(first, first + len(dataset)).repeat(n)
        for first, dataset, n in zip(counts[:-1], datasets, views, strict=True)
    ])  # fmt: skip
    seen = np.concatenate([view_angles(dataset) for dataset in datasets])
    vary = Variation(encoder.size, seed + 1, min(POOL, passes * len(cuts)))
    embeddings, angles, joints = [], [], []
    rng = generator(seed, 1, BACKDROPS)
    for number in range(passes):
        parts, mirrors, waiting, seen_joints = [], [], [], []
        for start in range(0, len(cuts), _VARIED):
            varied = vary(cuts[start : start + _VARIED])
            waiting.append((varied.pictures * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy())
            mirrors.append(varied.mirrored.numpy())
            if points is not None:
                seen_joints.append(_in_picture(points[start : start + _VARIED], varied, rng))
            done = min(start + _VARIED, len(cuts))
            if sum(map(len, waiting)) >= encoder.batch or done == len(cuts):
                parts.append(encoder.embed(np.concatenate(waiting)))
                waiting.clear()
            if progress:
                progress(number * len(cuts) + done, passes * len(cuts), 0.0)
        embeddings.append(np.concatenate(parts))
        if points is not None:
            joints.append(np.concatenate(seen_joints))
        turned = seen.copy()
        turned[np.concatenate(mirrors), 0] *= -1
        angles.append(turned)
    embedded, turns = np.stack(embeddings), np.stack(angles)
    found_joints = np.stack(joints) if joints else None
    found = []
    for own in targets:
        coefficients = np.concatenate([rows.repeat(n, 0) for rows, n in zip(own, views, strict=True)])
        kept = np.isfinite(coefficients).all(1)
        if not kept.any():
            raise SemantifyError(f"{', '.join(map(str, folders))}: every shape is left out, nothing is to be learnt")
        own_joints = None if found_joints is None else found_joints[:, kept]
        found.append(FitterData(embedded[:, kept], coefficients[kept], turns[:, kept], shape[kept], own_joints))
    return found


def _in_picture(points: np.ndarray, varied: Varied, rng: np.random.Generator) -> np.ndarray:
    """(B, 33, 2) where points of the cuts are in their varied pictures; NaN where no finder looks or sees them."""
    places = varied.places.numpy()
    seen = np.einsum("bij,bpj->bpi", places[..., :2], points) + places[:, None, :, 2]
    mirrored = varied.mirrored.numpy()
    seen[mirrored] = seen[mirrored][:, SWAPPED]
    # where a finder tells the figure it tells the joints; what is cut out already it is not always asked
    seen[~varied.told.numpy() | (rng.random(len(seen)) < UNSEEN)] = np.nan
    return np.asarray(seen, np.float32)

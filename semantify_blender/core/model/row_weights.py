"""Skin weights of a body and all its parts in one list of rows, as `Grounded` and `Dressed.rows` count them."""

from typing import Any

import numpy as np


def row_weights(body: Any, rig: str = "rig") -> tuple[np.ndarray, np.ndarray] | None:
    """(R, W) joints, and float32 how much each carries a row; None for a model that has no weights.

    body: a `MorphableModel`; to import it here would make a circle. rig: the first part of the keys in `extra`.
    A part without weights hangs on the first joint.
    """
    if f"{rig}/weight_index" not in body.extra or f"{rig}/weights" not in body.extra:
        return None
    index, weights = [body.extra[f"{rig}/weight_index"]], [body.extra[f"{rig}/weights"].astype(np.float32)]
    for part in body.parts.values():
        if part.rig_index is None or part.rig_weights is None:
            index.append(np.zeros((part.vertex_count, 1), np.int64))
            weights.append(np.ones((part.vertex_count, 1), np.float32))
        else:
            index.append(part.rig_index)
            weights.append(part.rig_weights)
    width = max(one.shape[1] for one in index)
    joints = np.concatenate([_wider(one, width) for one in index]).astype(index[0].dtype)
    return joints, np.concatenate([_wider(one, width) for one in weights])


def _wider(array: np.ndarray, width: int) -> np.ndarray:
    return np.pad(array, ((0, 0), (0, width - array.shape[1])))

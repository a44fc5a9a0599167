"""The pairs of vertices that a model wants to stay apart, for example of the upper and the lower lip.

They are `extra["separation/<name>/upper"]` and `extra["separation/<name>/lower"]`, (n,) whole numbers each.
"""

from collections.abc import Mapping

import numpy as np

from ..errors import SemantifyError

PREFIX = "separation/"


def separation_pairs(
    model: str, vertex_count: int, extra: Mapping[str, np.ndarray]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Name -> (upper (n,), lower (n,)) vertex numbers of a model; empty where nothing must stay apart.

    model: its name. extra: its further arrays. Raises SemantifyError when they are not pairs of its vertices.
    """
    found = {}
    for key in extra:
        if not (key.startswith(PREFIX) and key.endswith("/upper")):
            continue
        name = key.removeprefix(PREFIX).removesuffix("/upper")
        upper, lower = (np.asarray(extra.get(f"{PREFIX}{name}/{side}", ())) for side in ("upper", "lower"))
        whole = {upper.dtype.kind, lower.dtype.kind} <= {"i", "u"}
        if upper.ndim != 1 or upper.shape != lower.shape or not len(upper) or not whole:
            raise SemantifyError(f"model {model!r}: extra {key}: expected as many whole numbers as in …/lower")
        both = np.concatenate([upper, lower])
        if both.min() < 0 or both.max() >= vertex_count:
            raise SemantifyError(f"model {model!r}: extra {key}: expected vertices in 0..{vertex_count - 1}")
        found[name] = (upper.astype(np.int64), lower.astype(np.int64))
    return found

"""Where the points that a finder reads off a face lie on a model's surface, and how far they stray from there.

A model of faces carries, in `MorphableModel.extra`, all in metres in the model's own axes:
    face_points/vertices (468, 3), face_points/weights (468, 3): the corners of the triangle that a point lies in,
    anticlockwise seen from outside, and its barycentric coordinates there (these two without unit);
    face_points/rest (468, 3): where the points of people at rest are seen, from where the template has them;
    face_points/own_basis (K, 468, 3): how the points are seen to move by each coefficient: less than the surface does,
    since a finder takes every face to be more like others than it is;
    face_points/other_basis (N, 468, 3), face_points/other_ranges (N, 2): the same for what the model leaves out (the
    expression beside a model of shapes, the shape beside one of expressions), and its coefficients' ends; N may be 0;
    face_points/turned (4, 468, 3): how they are seen to move as the head turns, for `view_terms`;
    face_points/spread (M, 468, 3): how points are off together, one standard deviation each, since people differ, and
    the finder errs, in more ways than the model has; M may be 0;
    face_points/deviation (468,): how far each point is off by itself.
Who makes them: scripts/faces/make.py. The points' numbers are those of Face Mesh (Kartynnik et al. 2019).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import SemantifyError
from ..files.bounds import COMPONENTS, LARGEST
from ..pictures.landmarks import FACE_POINTS

PREFIX = "face_points/"
MOST_SPREAD = 200
"""Directions that points may stray in together."""
_SHAPES: dict[str, tuple[str, tuple[int | None, ...]]] = {
    # name: (kinds of numbers, shape; None is any length)
    "vertices": ("iu", (FACE_POINTS, 3)),
    "weights": ("f", (FACE_POINTS, 3)),
    "deviation": ("f", (FACE_POINTS,)),
    "rest": ("f", (FACE_POINTS, 3)),
    "own_basis": ("f", (None, FACE_POINTS, 3)),
    "turned": ("f", (4, FACE_POINTS, 3)),
    "spread": ("f", (None, FACE_POINTS, 3)),
    "other_basis": ("f", (None, FACE_POINTS, 3)),
    "other_ranges": ("f", (None, 2)),
}


@dataclass(frozen=True, eq=False)
class FacePoints:
    """vertices (468, 3) int64, weights (468, 3), deviation (468,), rest (468, 3), own_basis (K, 468, 3),
    turned (4, 468, 3),
    spread (M, 468, 3), other_basis (N, 468, 3), other_ranges (N, 2), all float64: see the module.
    """

    vertices: np.ndarray
    weights: np.ndarray
    deviation: np.ndarray
    rest: np.ndarray
    own_basis: np.ndarray
    turned: np.ndarray
    spread: np.ndarray
    other_basis: np.ndarray
    other_ranges: np.ndarray

    @classmethod
    def of(
        cls, model: str, vertex_count: int, component_count: int, extra: Mapping[str, np.ndarray]
    ) -> "FacePoints | None":
        """A model's points, or None when it has none.

        model: its name. extra: its further arrays. Raises SemantifyError naming the first array that is off.
        """
        if not any(key.startswith(PREFIX) for key in extra):
            return None
        arrays = _checked(model, vertex_count, component_count, extra)
        vertices = arrays.pop("vertices").astype(np.int64)
        return cls(vertices, **{name: array.astype(np.float64) for name, array in arrays.items()})

    def on(self, values: np.ndarray) -> np.ndarray:
        """Positions or displacements of the points. values: (..., V, 3). Returns (..., 468, 3) float64."""
        corners = values[..., self.vertices, :].astype(np.float64)
        return np.einsum("...pcd,pc->...pd", corners, self.weights)

    def normals(self, vertices: np.ndarray) -> np.ndarray:
        """(468, 3) float64 unit vectors out of the surface at the points of a shape. vertices: (V, 3) metres."""
        a, b, c = (vertices[self.vertices[:, i]].astype(np.float64) for i in range(3))
        across = np.cross(b - a, c - a)
        return across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)


def view_terms(axes: np.ndarray) -> np.ndarray:
    """(4,) what points slide along with: the view's turn to the side and up, its square, and its size.

    axes: (3, 3) rows are the picture's right, its up and the direction to the camera, in the model's axes.
    """
    side = float(np.arctan2(axes[2, 0], -axes[2, 1]))
    return np.array([side, float(np.arcsin(np.clip(axes[2, 2], -1, 1))), side**2, abs(side)])


def _checked(
    model: str, vertex_count: int, component_count: int, extra: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The arrays without their prefix."""
    arrays: dict[str, np.ndarray] = {}
    for name, (kinds, shape) in _SHAPES.items():
        key = PREFIX + name
        if key not in extra:
            raise SemantifyError(f"model {model!r}: extra {key}: is missing; make its face points again")
        array = arrays[name] = np.asarray(extra[key])
        fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
        if array.dtype.kind not in kinds or not fits:
            wanted = " × ".join("any" if n is None else str(n) for n in shape)
            raise SemantifyError(
                f"model {model!r}: extra {key}: expected {wanted} {'whole ' * ('i' in kinds)}numbers, found "
                f"{array.dtype} {array.shape}"
            )
        if array.dtype.kind == "f" and not (np.isfinite(array).all() and np.abs(array).max(initial=0) <= LARGEST):
            raise SemantifyError(f"model {model!r}: extra {key}: expected finite numbers up to {LARGEST:g}")
    _check_values(model, vertex_count, component_count, arrays)
    return arrays


def _check_values(model: str, vertex_count: int, component_count: int, arrays: dict[str, np.ndarray]) -> None:
    def wrong(name: str, expected: str) -> SemantifyError:
        return SemantifyError(f"model {model!r}: extra {PREFIX}{name}: expected {expected}")

    if arrays["vertices"].min() < 0 or arrays["vertices"].max() >= vertex_count:
        raise wrong("vertices", f"vertices in 0..{vertex_count - 1}")
    weights = arrays["weights"].astype(np.float64)
    if weights.min() < -1e-3 or np.abs(weights.sum(1) - 1).max() > 1e-2:
        raise wrong("weights", "numbers from 0 that add up to 1 in each row")
    if arrays["deviation"].min() <= 0:
        raise wrong("deviation", "metres above 0")
    if len(arrays["own_basis"]) != component_count:
        raise wrong("own_basis", f"one direction for each of the model's {component_count} components")
    if len(arrays["spread"]) > MOST_SPREAD:
        raise wrong("spread", f"at most {MOST_SPREAD} directions")
    ranges = arrays["other_ranges"]
    if len(ranges) != len(arrays["other_basis"]) or len(ranges) > COMPONENTS:
        raise wrong("other_ranges", "one row for each direction of other_basis")
    if (ranges[:, 0] > 0).any() or (ranges[:, 1] < 0).any():
        raise wrong("other_ranges", "a lowest value up to 0 and a highest from 0")

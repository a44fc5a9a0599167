"""Pictures of a face model's heads, and the points that the finder reads off them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from semantify_blender.core.finders import face as finder
from semantify_blender.core.fitting.camera import Camera
from semantify_blender.core.looks.choice import look_of
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.sampling import default_k, sample_shape
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.rendering.stage.photographer import Photographer

SIZE = 320
"""Pixels."""
WINDOW = 0.85
"""How much of a head's height the picture shows at least."""


@dataclass(frozen=True, eq=False)
class Rendered:
    """A head in a picture. coefficients: (K,) of each model. vertices: (V, 3) metres. points: (468, 2) pixels."""

    coefficients: tuple[np.ndarray, ...]
    vertices: np.ndarray
    camera: Camera
    points: np.ndarray


def head_of(models: tuple[MorphableModel, ...], coefficients: tuple[np.ndarray, ...]) -> np.ndarray:
    """(V, 3) float32: the first model's shape, with the others' displacements added."""
    vertices = models[0].vertices(coefficients[0])
    for model, numbers in zip(models[1:], coefficients[1:], strict=True):
        vertices = vertices + np.tensordot(numbers.astype(np.float32), model.basis, 1)
    return vertices


def rendered_heads(
    models: tuple[MorphableModel, ...], count: int, seed: int, told: Callable[[int], None]
) -> Iterator[Rendered]:
    """Draw, render and read heads; those in which the finder sees no face are left out.

    models: of one mesh; the first one's template is used. told: called with the number of each picture.
    """
    low, high = models[0].template.min(0), models[0].template.max(0)
    tall = float(high[2] - low[2])
    middle = (float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2, float(high[2]) - 0.45 * tall)
    with Photographer(models[0], SIZE, samples=4) as photographer:
        for index in range(count):
            rng = np.random.default_rng([seed, index, 3])
            coefficients = tuple(_drawn(model, seed + 7 * number, index, rng) for number, model in enumerate(models))
            vertices = head_of(models, coefficients)
            # from closer by than portraits are taken to far away
            camera = Camera(
                yaw=float(np.clip(rng.normal(0, 22), -60, 60)),
                pitch=float(np.clip(rng.normal(0, 9), -25, 25)),
                distance=float(rng.uniform(1.5, 5)),
                frame=tall * float(rng.uniform(1.05, 1.25)),
                target=middle,
            )
            look = replace(look_of("random", seed, index, 0), zoom=1.0, shift=(0.0, 0.0))
            photographer.look = look
            pixels = photographer(vertices, camera, look.palette)
            points = _read(pixels)
            told(index)
            if points is not None:
                yield Rendered(coefficients, vertices, camera, points)


def _drawn(model: MorphableModel, seed: int, index: int, rng: np.random.Generator) -> np.ndarray:
    """(K,) coefficients: anything from rest to the far ends, since a finder sees small changes in another measure."""
    if model.ranges is not None:  # each coefficient leads from rest, as an expression's does
        strength = rng.uniform(0.1, 1.0) if index % 6 else 0.0
        return np.float32(strength) * sample_shape(model, "sparse", seed, index, default_k(model))
    return sample_shape(model, "normal", seed, index, default_k(model))


def _read(pixels: np.ndarray) -> np.ndarray | None:
    opaque = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    picture = Picture(np.concatenate([pixels, opaque], 2), "render")
    faces = finder.find_faces(picture)
    return faces[0][1].points[:, :2].astype(np.float64) if faces else None

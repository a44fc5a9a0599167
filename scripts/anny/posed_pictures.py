"""Renders of posed bodies with their cameras known, as photographs show people: from every side, before anything."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from semantify_blender.core.fitting.camera import Camera, ViewAngles, camera_of_cut
from semantify_blender.core.looks.choice import look_of
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import Rig
from semantify_blender.core.model.random_poses import KINDS, lively_pose
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.rendering.stage.garments import with_garments
from semantify_blender.rendering.stage.photographer import Photographer
from semantify_blender.rendering.stage.quiet import quiet
from semantify_blender.training.fitter.backdrops import backdrop

SIZE = 320


@dataclass(frozen=True, eq=False)
class PosedPicture:
    """picture: before a busy backdrop. alpha: (S, S) uint8 of the figure. vertices: (V, 3) metres, as they are held."""

    picture: Picture
    alpha: np.ndarray
    coefficients: np.ndarray
    vertices: np.ndarray
    camera: Camera
    kind: str

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) of the figure."""
        rows, columns = (np.flatnonzero((self.alpha > 127).any(axis)) for axis in (1, 0))
        return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def posed_pictures(model: MorphableModel, count: int, seed: int) -> Iterator[PosedPicture]:
    """Bodies of the model's own population (without one: normal ones) in look "wild", with yaws all around.

    Takes over Blender's scene.
    """
    rig = Rig.of(model)
    assert rig is not None
    people = model.people
    with quiet(), Photographer(with_garments(model), SIZE, 8, transparent=True) as photographer:
        for i in range(count):
            rng = np.random.default_rng([seed, i])
            k = model.component_count
            coefficients = np.clip(rng.standard_normal(k), -2.5, 2.5) if people is None else people.draw(rng)
            kind = KINDS[i % len(KINDS)]
            vertices = rig.pose(model.vertices(coefficients), lively_pose(rng, kind))
            view = ViewAngles(rng.uniform(-180, 180), rng.uniform(-10, 18), roll=rng.normal(0, 3))
            camera = camera_of_cut(vertices, view, distance=rng.uniform(1.6, 5))
            x, y = np.array(camera.centre) + rng.uniform(-0.03, 0.03, 2)
            camera = replace(camera, frame=camera.frame * rng.uniform(1.0, 1.25), centre=(float(x), float(y)))
            photographer.look = look_of("wild", seed, i, 0)
            figure = photographer(vertices, camera)
            share = figure[..., 3:].astype(np.float32) / 255
            pixels = np.full((SIZE, SIZE, 4), 255, np.uint8)
            pixels[..., :3] = np.rint(share * figure[..., :3] + (1 - share) * backdrop(rng, SIZE))
            picture = Picture(pixels, f"{model.name} {seed} {i}")
            yield PosedPicture(picture, figure[..., 3], coefficients, vertices, camera, kind)

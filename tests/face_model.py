"""A model of faces that is quickly made, with the points that a finder reads off a face, and pictures of these."""

import numpy as np

from semantify_blender.core.fitting.camera import Camera
from semantify_blender.core.model.face_points import PREFIX, FacePoints
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.pictures.landmarks import FACE_POINTS, FaceLandmarks

SIDE = 26
SIZE = 400


def smooth_fields(at: np.ndarray, count: int, deviation: float, rng: np.random.Generator) -> np.ndarray:
    """(count, V, 3) metres: displacements that vary slowly over points at (V, 3), `deviation` in root mean square."""
    found = []
    for _ in range(count):
        centres = at[rng.choice(len(at), 5, replace=False)]
        near = np.exp(-((at[:, None] - centres) ** 2).sum(-1) / (2 * 0.03**2))
        field = near @ rng.normal(size=(5, 3))
        found.append(field * deviation / np.sqrt((field**2).sum(1).mean()))
    return np.stack(found)


def face_model(components: int = 4, others: int = 3, spread: int = 2, ranges: bool = False, seed: int = 0):
    """The front of a head, 0.22 m tall, facing −Y, of a grid of quads; V = SIDE²."""
    rng = np.random.default_rng(seed)
    u, v = np.meshgrid(np.linspace(-1.2, 1.2, SIDE), np.linspace(-1.2, 1.2, SIDE))
    x, y, z = 0.075 * np.sin(u) * np.cos(v), -0.09 * np.cos(u) * np.cos(v), 0.11 * np.sin(v)
    nose = np.exp(-(u**2 + (v + 0.1) ** 2) / 0.03)
    template = np.stack([x, y - 0.02 * nose, z], -1).reshape(-1, 3).astype(np.float32)
    corner = np.arange(SIDE * (SIDE - 1)).reshape(SIDE - 1, SIDE)[:, :-1].ravel()
    faces = np.stack([corner, corner + 1, corner + SIDE + 1, corner + SIDE], 1)
    basis = smooth_fields(template, components, 0.003, rng).astype(np.float32)
    model = MorphableModel(
        name="heads",
        template=template,
        basis=basis.astype(np.float16).astype(np.float32),
        standard_deviations=np.sqrt((basis**2).sum((1, 2))).astype(np.float32),
        corner_vertices=faces.ravel().astype(np.int32),
        face_offsets=(4 * np.arange(len(faces) + 1)).astype(np.int32),
        metadata={"family": "heads", "licence": "CC0-1.0", "framing": {"height": 0.3, "floor": False}},
        ranges=np.tile(np.float32([-0.5, 3.0]), (components, 1)) if ranges else None,
    )
    triangles = model.triangles[rng.choice(len(model.triangles), FACE_POINTS, replace=False)]
    weights = rng.dirichlet([2, 2, 2], FACE_POINTS)
    at = np.einsum("pcd,pc->pd", template[triangles], weights)
    arrays = {
        "vertices": triangles.astype(np.uint16),
        "weights": weights.astype(np.float32),
        "rest": np.zeros((FACE_POINTS, 3), np.float32),
        "own_basis": np.einsum("kpcd,pc->kpd", model.basis[:, triangles], weights).astype(np.float32),
        "other_basis": smooth_fields(at, others, 0.003, rng).astype(np.float32)
        if others
        else np.zeros((0, 468, 3), "f"),
        "other_ranges": np.tile(np.float32([-3, 3]), (others, 1)),
        "turned": np.zeros((4, FACE_POINTS, 3), np.float32),
        "spread": smooth_fields(at, spread, 0.001, rng).astype(np.float32) if spread else np.zeros((0, 468, 3), "f"),
        "deviation": np.full(FACE_POINTS, 0.0008, np.float32),
    }
    model.extra.update({PREFIX + name: array for name, array in arrays.items()})
    return model


def points_of(model: MorphableModel) -> FacePoints:
    """The model's points, which it must have."""
    found = FacePoints.of(model.name, model.vertex_count, model.component_count, model.extra)
    assert found is not None
    return found


def seen_face(
    model: MorphableModel,
    coefficients: np.ndarray,
    others: np.ndarray | None = None,
    camera: Camera = Camera(frame=0.3, distance=4.0),  # noqa: B008 - frozen
    noise: float = 0.0,
    seed: int = 0,
) -> FaceLandmarks:
    """The points of a shape in a picture of SIZE pixels. noise: pixels, of each point by itself."""
    points = points_of(model)
    at = points.on(model.template) + points.rest + np.tensordot(coefficients, points.own_basis, 1)
    if others is not None:
        at = at + np.tensordot(others, points.other_basis, 1)
    flat = camera.project(at, SIZE) + np.random.default_rng(seed).normal(0, noise, (FACE_POINTS, 2))
    depth = (camera.depth(at) - camera.distance * camera.frame) * SIZE / camera.frame
    return FaceLandmarks(np.concatenate([flat, depth[:, None]], 1).astype(np.float32), 1.0)

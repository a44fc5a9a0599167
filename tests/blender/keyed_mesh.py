"""A small head with shape keys as artists have them, and a mapper for it."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.key_set import KeySet
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.tier import bpy
from tests.synthetic import synthetic_mapper

SIDES = {"_L": 1.0, "_R": -1.0}


def keyed_head(name: str = "Head", size: float = 0.12) -> bpy.types.Object:
    """A sphere of quads and triangles with ten relative keys in 0..1; the active object.

    Pairs of smile, blink and brow, jawOpen, and jawLeft against jawRight, which are no pair.
    """
    mesh = bpy.data.meshes.new(name)
    rings, spokes = 14, 20
    height = np.cos(np.linspace(0, np.pi, rings + 1))[1:-1]
    angle = np.linspace(0, 2 * np.pi, spokes, endpoint=False)
    radius = np.sqrt(1 - height**2)
    ball = [(r * np.cos(a), r * np.sin(a), h) for h, r in zip(height, radius, strict=True) for a in angle]
    points = np.array([*ball, (0, 0, 1), (0, 0, -1)], np.float32) * size
    faces: list[tuple[int, ...]] = []
    for s in range(spokes):
        t = (s + 1) % spokes
        faces += [
            (r * spokes + s, (r + 1) * spokes + s, (r + 1) * spokes + t, r * spokes + t) for r in range(rings - 2)
        ]
        faces += [(s, t, len(ball)), ((rings - 2) * spokes + t, (rings - 2) * spokes + s, len(ball) + 1)]
    mesh.from_pydata(points.tolist(), [], faces)
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    obj.select_set(True)
    obj.shape_key_add(name="Basis", from_mix=False).value = 0.0
    for key, displacement in displacements(points / size).items():
        add_key(obj, key, points + size * displacement)
    return obj


def displacements(points: np.ndarray) -> dict[str, np.ndarray]:
    """Key -> (V, 3) on the unit sphere; the face looks to −Y."""

    def patch(x: float, z: float, width: float) -> np.ndarray:
        front = points[:, 1] < 0
        away = ((points[:, 0] - x) ** 2 + (points[:, 2] - z) ** 2) / width**2
        return (np.exp(-away) * front * (away < 6))[:, None].astype(np.float32)

    found = {}
    for side, x in SIDES.items():
        found[f"smile{side}"] = patch(0.35 * x, -0.45, 0.22) * np.array([0.08 * x, 0, 0.15], np.float32)
        found[f"blink{side}"] = patch(0.35 * x, 0.25, 0.18) * np.array([0, 0.05, -0.1], np.float32)
        found[f"brow{side}"] = patch(0.35 * x, 0.5, 0.2) * np.array([0, 0, 0.12], np.float32)
        found[f"jaw{'Left' if x > 0 else 'Right'}"] = patch(0, -0.7, 0.35) * np.array([0.15 * x, 0, 0], np.float32)
    found["jawOpen"] = patch(0, -0.7, 0.35) * np.array([0, 0.03, -0.3], np.float32)
    return found


def add_key(obj: bpy.types.Object, name: str, points: np.ndarray) -> bpy.types.ShapeKey:
    """A relative key with these points, at value 0."""
    key = obj.shape_key_add(name=name, from_mix=False)
    key.value = 0.0
    key.points.foreach_set("co", np.ascontiguousarray(points, np.float32).ravel())
    return key


def keys_mapper(model: MorphableModel, words: tuple[str, ...] = ("happy", "surprised", "sleepy")) -> Mapper:
    """A random mapper for a model of shape keys, its outputs inside the ranges and near rest by default."""
    mapper = synthetic_mapper(model, words)
    mapper = replace(mapper, bound=None, limits=model.ranges, keys=KeySet.of(model.metadata))
    at_rest = replace(mapper, limits=None).coefficients(mapper.default)
    width = np.ptp(model.ranges, axis=1)
    return replace(mapper, coefficient_mean=(model.ranges[:, 0] - 0.3 * width - at_rest).astype(np.float32))


def saved_mapper(obj: bpy.types.Object, folder: Path, include: str = "", exclude: str = "") -> Path:
    """Export the object's keys with the operator, and save a mapper for the model."""
    path = folder / f"{obj.name}.model.npz"
    bpy.context.view_layer.objects.active = obj
    done = bpy.ops.semantify.export_keys_model(filepath=str(path), include=include, exclude=exclude)
    assert done == {"FINISHED"}
    mapper_path = folder / f"{obj.name}.mapper.npz"
    keys_mapper(MorphableModel.load(path)).save(mapper_path)
    return mapper_path


def key_values(obj: bpy.types.Object) -> dict[str, float]:
    """Value of every key."""
    return {key.name: key.value for key in obj.data.shape_keys.key_blocks}

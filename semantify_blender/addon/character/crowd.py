"""Many characters at once: each mesh is a copy of one that was built, with other slider values.

A copy shares with its original what Blender lets meshes share: materials, the Texts of mapper and model, and, until
somebody edits it, faces and UVs in memory. Between two steps of a crowd nothing is held but names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ...blender.materials import REGION, groups_of
from ...core.errors import SemantifyError
from ..state import memory
from . import building, clothing, embedding, layers, shape, skinning
from .materials import MARK

NAME = "Crowd"
"""Of the collection, and how the names of its people begin."""
MERGED = {"lips": "skin", "nails": "skin", "pupil": "iris"}
"""Regions that renders draw alike with another one's material: one group of nodes paints them all."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What a crowd is to be.

    places: (n, 3) float64 feet, and turns (n,) radians about Z, in the scene. seed: person i depends on (seed, i) only.
    spread: 0 makes all alike, 1 as varied as the training shapes. outfits: whether clothes are drawn, too.
    few_materials: whether regions that renders draw alike have one material.
    """

    places: np.ndarray
    turns: np.ndarray
    seed: int = 0
    spread: float = 0.7
    outfits: bool = False
    few_materials: bool = True


class Crowd:
    """A crowd that is being made: `add` person after person, then `end`."""

    def __init__(self, context: bpy.types.Context, source: Path | bpy.types.Object, plan: Plan) -> None:
        """Build what is copied. source: a mapper's file, or a character, whose sliders are the middle of the crowd.

        Raises SemantifyError when that cannot be had; then nothing is left in the file.
        """
        self.plan, self.made = plan, 0
        self._scale = 1.0 / context.scene.unit_settings.scale_length
        with building.undone_on_error():
            first = _copied(source) if isinstance(source, bpy.types.Object) else building.build(source, None)
            first.name = f"{NAME} template"
            self._templates = {clothing.worn(first.data): first.name}
            names = clothing.clothes_of(first.data).names if plan.outfits else ()
            for name in names:
                if name not in self._templates:
                    other = first.copy()
                    other.data = first.data.copy()
                    self._templates[name] = other.name
                    clothing.change(other.data, name)
            if len(self._templates) > 1:
                self._leave_out_bare()
            if plan.few_materials:
                for name in self._templates.values():
                    merge_materials(bpy.data.objects[name].data)
        collection = bpy.data.collections.new(NAME)
        building.collection_of(context).children.link(collection)
        self._collection = collection.name
        taken = [obj.name.removeprefix(f"{NAME} ") for obj in bpy.data.objects if obj.name.startswith(f"{NAME} ")]
        self._number = max([int(name) for name in taken if name.isdigit()], default=0) + 1

    @property
    def count(self) -> int:
        """How many people it is to have."""
        return len(self.plan.places)

    def add(self) -> bool:
        """Make the next person. Returns False once all are there."""
        if self.made == self.count:
            return False
        i, plan = self.made, self.plan
        rng = np.random.default_rng([plan.seed, i])
        chosen = list(self._templates)[int(rng.integers(len(self._templates)))]
        template = bpy.data.objects[self._templates[chosen]]
        mesh = template.data.copy()
        obj = bpy.data.objects.new(f"{NAME} {self._number + i:03d}", mesh)
        mesh.name = obj.name
        bpy.data.collections[self._collection].objects.link(obj)
        vary(mesh, [plan.seed, i], plan.spread)
        # found again when it is asked for; a thousand of them would fill the memory
        memory.spans.pop(mesh.session_uid, None)
        for name in layers.all_of(mesh.semantify):
            memory.added.pop((mesh.session_uid, name), None)
            memory.head_spans.pop((mesh.session_uid, name), None)
        obj.location = plan.places[i].tolist()
        obj.rotation_euler.z = float(plan.turns[i])
        obj.scale = (self._scale,) * 3
        self.made += 1
        return self.made < self.count

    def end(self, context: bpy.types.Context) -> None:
        """Take away what was copied from; the people are selected and the first is active."""
        for name in self._templates.values():
            _remove(name)
        collection = bpy.data.collections[self._collection]
        if not self.made:
            bpy.data.collections.remove(collection)
            return
        for other in context.selected_objects:
            other.select_set(False)
        for obj in collection.objects:
            obj.select_set(True)
        context.view_layer.objects.active = collection.objects[0]

    def _leave_out_bare(self) -> None:
        """People go out dressed: the outfit without clothes is drawn only where it is the only one."""
        known = clothing.clothes_of(bpy.data.objects[next(iter(self._templates.values()))].data).outfits or {}
        bare = [outfit for outfit in self._templates if not known.get(outfit)]
        for outfit in bare if len(bare) < len(self._templates) else ():
            _remove(self._templates.pop(outfit))


def vary(mesh: bpy.types.Mesh, seed: list[int], spread: float) -> None:
    """Move the sliders of a character that are not locked by what is drawn, around where they are now."""
    for layer in layers.all_of(mesh.semantify).values():
        mapper, locked, middle = embedding.require_mapper(layer), shape.locks(layer), shape.slider_values(layer)
        drawn = shape.random_values(mapper, np.zeros_like(middle), locked, seed, spread)
        most = shape.reach(mapper)
        moved = np.clip(shape.shown(middle + drawn), -most, most)
        shape.set_values(layer, np.where(locked, middle, moved))


def merge_materials(mesh: bpy.types.Mesh) -> None:
    """Give regions that renders draw alike one material; the slots that are left over go."""
    by_region = {str(material.get(REGION, "")): slot for slot, material in enumerate(mesh.materials) if material}
    slots = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("material_index", slots)
    gone = []
    for region, other in MERGED.items():
        here, there = by_region.get(region), by_region.get(other)
        if here is None or there is None or _surface(mesh.materials[here]) != _surface(mesh.materials[there]):
            continue
        slots[slots == here] = there
        gone.append(here)
        if region in mesh.semantify.regions:
            mesh.semantify.regions[region].material = mesh.materials[there].name
    mesh.polygons.foreach_set("material_index", slots)
    for slot in sorted(gone, reverse=True):
        material = mesh.materials.pop(index=slot)
        if not material.users and MARK in material:
            bpy.data.materials.remove(material)


def _surface(material: bpy.types.Material) -> tuple[str, ...]:
    """The groups of nodes that paint a material, and which of their outputs it shows; its own name where none does."""
    shown = [
        (node.node_tree.name_full, link.from_socket.name)
        for node in groups_of(material)
        for link in material.node_tree.links
        if link.from_node == node
    ]
    return tuple(part for pair in shown for part in pair) or (material.name_full,)


def _remove(name: str) -> None:
    """Delete an object that is in no scene, with its mesh."""
    obj = bpy.data.objects.get(name)
    if obj is not None:
        mesh = obj.data
        bpy.data.objects.remove(obj)
        bpy.data.meshes.remove(mesh)


def _copied(obj: bpy.types.Object) -> bpy.types.Object:
    """A character to copy from: its mesh as it is now, without animation and without the vertex groups of its rig."""
    mesh = obj.data.copy()
    mesh.animation_data_clear()
    if mesh.shape_keys is not None:
        mesh.shape_keys.animation_data_clear()
    copy = bpy.data.objects.new(NAME, mesh)
    skinning.unskin(copy)
    if shape.asked(mesh) is None:
        raise SemantifyError(f"the mapper of {obj.name!r} cannot be had: choose its file first")
    return copy

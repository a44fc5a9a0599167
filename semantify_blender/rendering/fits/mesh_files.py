"""Shapes as OBJ, PLY or GLB by Blender's own exporters: metres, feet on the floor, a plain material a region."""

import contextlib
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import addon_utils
import bpy
import numpy as np

from ...blender.materials import face_materials
from ...blender.textures import UV_MAP, add_uv, image_node, texture_image
from ...core.colour import linear_rgba
from ...core.errors import SemantifyError
from ...core.model.morphable_model import MorphableModel
from ...core.palette import PALETTE, region_colour
from ...processes.child import held
from ..stage.materials import own_colour
from ..stage.scene import checked_mesh, move_vertices, new_scene

_GLTF = "io_scene_gltf2"


class MeshExporter:
    """Writes shapes of one model, in the clothes that it wears by default; takes over Blender's current scene.

    model: the dressed one, whose vertices are written.
    """

    def __init__(self, model: MorphableModel, kind: str) -> None:
        """kind: "obj" (with its .mtl), "ply" or "glb". Raises SemantifyError when this Blender has no such exporter."""
        self.model = model = model.dressed().model
        self.kind = kind
        new_scene()
        if kind == "glb" and not _exists(bpy.ops.export_scene.gltf):
            with contextlib.suppress(Exception):  # told below
                addon_utils.enable(_GLTF)
        exporters = {"obj": bpy.ops.wm.obj_export, "ply": bpy.ops.wm.ply_export, "glb": bpy.ops.export_scene.gltf}
        if not _exists(exporters[kind]):
            raise SemantifyError(f"this Blender cannot write {kind.upper()} files: choose another --mesh")
        self._mesh = checked_mesh(model, model.name)
        if UV_MAP not in self._mesh.uv_layers:
            add_uv(self._mesh, model)
        _paint(self._mesh, model)
        self._object = bpy.data.objects.new(model.name, self._mesh)
        bpy.context.scene.collection.objects.link(self._object)
        self._object.select_set(True)
        bpy.context.view_layer.objects.active = self._object

    def export(self, vertices: np.ndarray, folder: Path, name: str) -> Path:
        """Write `folder/name.obj`, `.ply` or `.glb`. vertices: (Vd, 3) metres, of `model`. Returns its path.

        The exporters name further files (.mtl, textures) themselves, so all is written in a folder beside and moved.
        Raises SemantifyError when it cannot be written.
        """
        move_vertices(self._mesh, self.model.framing.place(np.array(vertices, np.float32)))
        self._object.name = self._mesh.name = name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as aside:
                with held():
                    self._write(str(Path(aside) / f"{name}.{self.kind}"))
                written = sorted(Path(aside).iterdir(), key=lambda path: path.suffix == f".{self.kind}")
                if not any(path.name == f"{name}.{self.kind}" for path in written):
                    raise RuntimeError("Blender's exporter wrote nothing")
                if not _is_whole(Path(aside) / f"{name}.{self.kind}", self._mesh):
                    raise OSError("only a part of it was written: is there space left?")
                for path in written:  # what the mesh refers to before the mesh itself
                    os.replace(path, folder / path.name)
        except (RuntimeError, OSError) as error:
            raise SemantifyError(
                f"{folder / name}.{self.kind}: cannot be written ({_reason(error)}); choose another --out"
            ) from error
        return folder / f"{name}.{self.kind}"

    def _write(self, path: str) -> None:
        if self.kind == "obj":
            bpy.ops.wm.obj_export(filepath=path, export_selected_objects=True, path_mode="COPY", check_existing=False)
        elif self.kind == "ply":
            bpy.ops.wm.ply_export(filepath=path, export_selected_objects=True, check_existing=False)
        else:
            bpy.ops.export_scene.gltf(filepath=path, export_format="GLB", use_selection=True, check_existing=False)


def _reason(error: Exception) -> str:
    """One line: exporters in Python hand on a whole traceback, whose last error is what is meant."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return next((line for line in reversed(lines) if re.match(r"\w*Error\b", line)), lines[0])


def _is_whole(path: Path, mesh: bpy.types.Mesh) -> bool:
    """Whether all of a mesh is in a file: the exporters are content with what a full disk takes."""
    data = path.read_bytes()
    if path.suffix == ".glb":
        return int.from_bytes(data[8:12], "little") == len(data) > 12
    if path.suffix == ".obj":
        return data.count(b"\nf ") == len(mesh.polygons) and data.endswith(b"\n")
    # PLY in binary: floats of each corner that it counts, then a count and numbers a face
    header, end, body = data.partition(b"end_header\n")
    count = re.search(rb"element vertex (\d+)", header)
    corners = int(count[1]) * 4 * header.count(b"property float") if count else len(data)
    return bool(end) and len(body) >= corners + len(mesh.polygons) + 4 * len(mesh.loops)


def _exists(operator: Any) -> bool:
    try:
        operator.get_rna_type()
    except KeyError:
        return False
    return True


def _paint(mesh: bpy.types.Mesh, model: MorphableModel) -> None:
    """The model's texture, or one material a region that shows: plain Principled ones, which every exporter knows."""
    image = texture_image(model)
    if image is not None:
        material, shader = _material("skin", (1.0, 1.0, 1.0))
        tree = material.node_tree
        tree.links.new(image_node(tree, image).outputs["Color"], shader.inputs["Base Color"])
        mesh.materials.append(material)
        return
    names, slots = face_materials(model)
    for name in names:
        mesh.materials.append(_material(name, own_colour(model, name))[0])
    mesh.polygons.foreach_set("material_index", slots)


def _material(region: str, colour: tuple[float, float, float] | None) -> tuple[bpy.types.Material, bpy.types.Node]:
    material = bpy.data.materials.new(region)
    if not material.node_tree:
        material.use_nodes = True
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = linear_rgba(colour or region_colour(region, PALETTE))
    shader.inputs["Roughness"].default_value = 0.6
    material.diffuse_color = shader.inputs["Base Color"].default_value
    return material, shader

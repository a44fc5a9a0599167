"""The slider sheet: a row per descriptor, a column per slider position: what every slider does, in one picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import bpy
import numpy as np

from ...core.colour import Colour, linear_rgba
from ...core.errors import SemantifyError
from ...core.files.writing import write_aside
from ...core.looks.look import PLAIN, direction
from ...core.mapper import Mapper
from ...core.model.dressed import Dressed
from ...core.model.morphable_model import MorphableModel
from ...core.pictures.probe import is_whole
from ..stage.backdrop import set_background
from ..stage.engines import use_engine
from ..stage.flat import flat_material
from ..stage.leftovers import picture_folder
from ..stage.materials import FigureMaterials
from ..stage.quiet import quiet
from ..stage.scene import checked_mesh, move_vertices, new_scene, point, set_image_format
from ..stage.shade import Shade
from ..stage.still import output_to, render_still
from .paper import PAPER

INK: Colour = (0.16, 0.17, 0.19)
FAINT: Colour = (0.55, 0.55, 0.55)
LINE: Colour = (0.78, 0.775, 0.765)
_PITCH = 7.0
_LOOK = replace(PLAIN, key_azimuth=-42.0, key_elevation=46.0, key_strength=0.74, fill_strength=0.24, ambient=0.26)
_LARGEST_SIDE = 12_000
_SHADOW = "shadow"


@dataclass(frozen=True)
class Label:
    """Text on a sheet. x, z: metres on the sheet; size: metres; align: LEFT, CENTER or RIGHT."""

    text: str
    x: float
    z: float
    size: float
    align: str = "CENTER"
    colour: Colour = INK


class Sheet:
    """A board of figures and labels seen by a level, orthographic camera; x to the right, z up, metres."""

    def __init__(self, model: MorphableModel) -> None:
        """Takes over Blender's current scene."""
        self.model, self.framing = model, model.framing
        # labels stand before the figures and so look lower, seen from above: by a share of the figures' own height
        self.front = -float(np.ptp(model.template[:, 2])) / 1.75
        self.scene = new_scene()
        set_background(self.scene, PAPER)
        self.shade = Shade()
        self.shade.apply(_LOOK, 0.0)
        self._inks: dict[Colour, bpy.types.Material] = {}
        lamp = bpy.data.lights.new("key", "SUN")
        lamp.angle, lamp.energy = math.radians(2.5), math.pi * _LOOK.key_strength
        light = bpy.data.objects.new("key", lamp)
        point(light, direction(_LOOK.key_azimuth, _LOOK.key_elevation))
        self.scene.collection.objects.link(light)
        self.template = checked_mesh(model)
        self._shadow = flat_material(PAPER, _SHADOW)

    def turned(self, vertices: np.ndarray) -> np.ndarray:
        """Shapes (..., V, 3) as they stand on the sheet: on the floor or centred, and turned as the framing says."""
        placed = np.array(vertices, np.float32)
        if self.framing.floor:
            placed = self.framing.place(placed)
        else:
            placed[..., 2] -= self.framing.centre[2] - self.framing.height / 2
        turn = math.radians(self.framing.turn)
        c, s = math.cos(turn), math.sin(turn)
        x, y = placed[..., 0].copy(), placed[..., 1].copy()
        placed[..., 0], placed[..., 1] = c * x - s * y, s * x + c * y
        return placed

    def dress(self) -> Dressed[MorphableModel]:
        """Have figures made from now on wear the model's clothes and colours; returns what they are the shapes of."""
        dressed = self.model.dressed()
        self.template = checked_mesh(dressed.model)
        materials = FigureMaterials(self.model, self.shade)
        materials.put_on(self.template, dressed)
        materials.apply(_LOOK)
        return dressed

    def add_figure(self, vertices: np.ndarray, x: float, z: float) -> bpy.types.Mesh:
        """Put a shape on the sheet. vertices: (V, 3) from `turned`, after `dress` (Vd, 3). Returns its mesh."""
        mesh = self.template.copy()
        move_vertices(mesh, vertices)
        figure = bpy.data.objects.new("figure", mesh)
        figure.location = (x, 0.0, z)
        self.scene.collection.objects.link(figure)
        return mesh

    def add_floor(self, left: float, right: float, z: float) -> None:
        """The fine line that shows where the floor is, so that heights can be compared along a row."""
        self.add_line(left, right, z - 0.30 * math.tan(math.radians(_PITCH)))

    def add_shadow(self, vertices: np.ndarray, x: float, z: float, rings: int = 12, spokes: int = 48) -> None:
        """A soft patch under a figure's feet. vertices: (V, 3) from `turned`, of the figure at (x, z).

        Painted, not traced: it blends into the paper without grain, and no row throws shadows on the next.
        """
        foot = vertices[vertices[:, 2] < vertices[:, 2].min() + 0.06 * np.ptp(vertices[:, 2])]
        centre = (foot[:, :2].max(0) + foot[:, :2].min(0)) / 2
        radius = 0.75 * np.ptp(foot[:, :2], axis=0) + 0.04 * np.ptp(vertices[:, 2])
        angle = np.linspace(0, 2 * np.pi, spokes, endpoint=False)
        out = np.linspace(0, 1, rings + 1)[1:]
        rim = np.stack([np.cos(angle), np.sin(angle)], 1)
        points = np.concatenate([np.zeros((1, 2)), (out[:, None, None] * rim).reshape(-1, 2)]) * radius + centre
        next_spoke = np.roll(np.arange(spokes), -1)
        faces: list[tuple[int, ...]] = [(0, 1 + a, 1 + int(b)) for a, b in enumerate(next_spoke)]
        for ring in range(rings - 1):
            inner, outer = 1 + ring * spokes, 1 + (ring + 1) * spokes
            faces += [(inner + a, outer + a, outer + int(b), inner + int(b)) for a, b in enumerate(next_spoke)]
        corners = [(px + x, py, z - 0.002) for px, py in points.tolist()]
        patch = self._plane(corners, self._shadow, faces).data
        depth = 0.42 * (1 - np.concatenate([[0.0], np.repeat(out, spokes)]) ** 0.7) ** 1.3
        colours = np.ones((len(points), 4), np.float32)
        colours[:, :3] = (1 - depth)[:, None] * np.array(linear_rgba(PAPER)[:3])
        layer = patch.color_attributes.new(_SHADOW, "FLOAT_COLOR", "POINT")
        layer.data.foreach_set("color", colours.ravel())

    def add_line(self, left: float, right: float, z: float, thickness: float = 0.008) -> None:
        """A fine horizontal line."""
        half = thickness / 2
        y = self.front
        corners = [(left, y, z - half), (right, y, z - half), (right, y, z + half), (left, y, z + half)]
        self._plane(corners, self.ink(LINE))

    def add_label(self, label: Label) -> None:
        """Text in the plane of the sheet."""
        curve = bpy.data.curves.new("label", "FONT")
        curve.body, curve.size, curve.align_x, curve.align_y = label.text, label.size, label.align, "CENTER"
        thing = bpy.data.objects.new("label", curve)
        thing.location, thing.rotation_euler = (label.x, self.front, label.z), (math.pi / 2, 0.0, 0.0)
        curve.materials.append(self.ink(label.colour))
        _seen_only(thing)
        self.scene.collection.objects.link(thing)

    def add_swatch(self, left: float, right: float, bottom: float, top: float, colour: Colour) -> None:
        """A rectangle of one flat colour."""
        y = self.front
        corners = [(left, y, bottom), (right, y, bottom), (right, y, top), (left, y, top)]
        self._plane(corners, self.ink(colour))

    def ink(self, colour: Colour) -> bpy.types.Material:
        """A material that is one colour in any light."""
        if colour not in self._inks:
            self._inks[colour] = flat_material(colour)
        return self._inks[colour]

    def _plane(
        self,
        corners: Sequence[tuple[float, float, float]],
        material: bpy.types.Material,
        faces: Sequence[tuple[int, ...]] = ((0, 1, 2, 3),),
    ) -> bpy.types.Object:
        mesh = bpy.data.meshes.new("plane")
        mesh.from_pydata(corners, [], faces)
        mesh.materials.append(material)
        plane = bpy.data.objects.new("plane", mesh)
        _seen_only(plane)
        self.scene.collection.objects.link(plane)
        return plane

    def render(
        self, path: Path, left: float, right: float, bottom: float, top: float, width: int, samples: int
    ) -> None:
        """Render the given window of the sheet to a PNG (or JPEG, by the suffix) `width` pixels wide.

        Raises SemantifyError when Blender cannot write it.
        """
        scene = self.scene
        height = round(width * (top - bottom) / (right - left))
        if height > _LARGEST_SIDE:
            width, height = round(width * _LARGEST_SIDE / height), _LARGEST_SIDE
        scene.render.resolution_x, scene.render.resolution_y = width, height
        use_engine(scene, "cycles", samples)
        scene.render.use_persistent_data = False
        set_image_format(scene, "jpg" if path.suffix.lower() in (".jpg", ".jpeg") else "png")
        camera = bpy.data.cameras.new("camera")
        camera.type, camera.ortho_scale = "ORTHO", max(right - left, top - bottom)
        camera.clip_end = 1000.0
        thing = bpy.data.objects.new("camera", camera)
        backwards = direction(0.0, _PITCH)
        point(thing, backwards)
        # aim the tilted camera so that the plane of the labels fills the window
        thing.location = ((left + right) / 2, 100 * backwards[1] + self.front, (bottom + top) / 2 + 100 * backwards[2])
        scene.collection.objects.link(thing)
        scene.camera = thing
        try:
            with picture_folder() as folder, write_aside(path) as aside:
                picture = Path(folder) / "sheet"
                output_to(scene, picture)
                render_still(scene, picture)
                data = picture.read_bytes()
                # Blender is content with half a file on a full disk
                if not is_whole(data):
                    raise RuntimeError(f"only a part of the picture was written into {folder}: is there space left?")
                aside.write_bytes(data)
        except RuntimeError as error:
            raise SemantifyError(f"cannot write {path} ({str(error).strip()}): choose another --out") from error


def _seen_only(thing: bpy.types.Object) -> None:
    """Paper and ink neither shade nor light the figures: stray light from them would be grain."""
    thing.visible_shadow = thing.visible_diffuse = thing.visible_glossy = False


def step_values(steps: int) -> np.ndarray:
    """`steps` slider positions from −1 to 1. Raises SemantifyError for fewer than two."""
    if not 2 <= steps <= 21:
        raise SemantifyError(f"--steps is {steps}: give 2 to 21")
    return np.linspace(-1.0, 1.0, steps)


def slider_coefficients(mapper: Mapper, values: np.ndarray) -> np.ndarray:
    """When one slider moves and the others rest. values: (n,) in −1..1. Returns (d, n, K)."""
    d = len(mapper.descriptors)
    sliders = np.zeros((d, len(values), d), np.float32)
    sliders[np.arange(d), :, np.arange(d)] = values
    return mapper.coefficients(mapper.scores_from_sliders(sliders))


def render_sheet(
    model: MorphableModel,
    mapper: Mapper,
    path: str | Path,
    steps: int = 5,
    width: int = 1600,
    samples: int = 6,
    log: str | Path | None = None,
) -> Path:
    """Write the slider sheet of a mapper: rows are descriptors, columns slider positions, the other sliders rest.

    width: pixels. samples: Cycles samples per pixel. Takes over Blender's current scene.
    Raises SemantifyError when mapper and model do not belong together or the file cannot be written.
    """
    values = step_values(steps)
    mapper.check_model(model)
    coefficients = slider_coefficients(mapper, values)
    path = Path(path)
    with quiet(log):
        sheet = Sheet(model)
        shapes = sheet.turned(sheet.dress().model.vertices(coefficients))
        unit = float(np.ptp(shapes[..., 2])) / 1.75  # 1 for an adult body: all other lengths follow
        leftmost, rightmost = float(shapes[..., 0].min()), float(shapes[..., 0].max())
        column = rightmost - leftmost + 0.04 * unit
        margin = 0.12 * unit
        longest = max(len(word) for word in mapper.descriptors)
        size = 0.15 * unit
        gutter = max(longest * size * 0.5, 0.6 * unit) + margin
        columns = gutter + margin - leftmost + column * np.arange(steps)
        right = gutter + 2 * margin + column * steps
        top = 0.0
        for x, value in zip(columns, values, strict=True):
            text = f"{value:+.3g}".replace("-", "−") if value else "0"
            sheet.add_label(Label(text, float(x), top - 0.19 * unit, 0.15 * unit, colour=FAINT))
        z = top - 0.3 * unit
        for row, word in enumerate(mapper.descriptors):
            z -= float(shapes[row, ..., 2].max()) + 0.13 * unit
            if sheet.framing.floor:
                sheet.add_floor(gutter, right - margin, z)
            for x, shape in zip(columns, shapes[row], strict=True):
                sheet.add_figure(shape, float(x), z)
                if sheet.framing.floor:
                    sheet.add_shadow(shape, float(x), z)
            middle = z + 0.5 * float(shapes[row, ..., 2].max())
            sheet.add_label(Label(word, margin, middle, size, "LEFT"))
            z -= 0.1 * unit
        sheet.render(path, 0.0, right, z - 0.08 * unit, top, width, samples)
    return path

"""One figure of a morphable model in an empty scene: mesh, lamp and camera, changed from picture to picture."""

import math
from collections.abc import Mapping
from pathlib import Path

import bpy
import numpy as np

from ...blender.meshes import mesh_of
from ...blender.textures import TEXTURE
from ...core.colour import Colour, linear_rgba
from ...core.errors import SemantifyError
from ...core.looks.look import Look, direction
from ...core.model.dressed import Dressed
from ...core.model.morphable_model import MorphableModel
from ...core.pictures.probe import is_whole
from ...processes.child import held
from .backdrop import Background
from .carried import CarriedThings
from .encoded import without_comments
from .engines import use_engine
from .garments import GARMENTS, OPENING, with_opening
from .leftovers import picture_folder
from .materials import FigureMaterials
from .shade import Shade
from .still import output_to, render_still

SENSOR = 36.0
"""Width of the cameras' sensor in millimetres, as Blender's own cameras have it; lenses are told for it."""


def new_scene() -> bpy.types.Scene:
    """An empty scene in the window's place, with colours as they are given and no text burnt in or hidden in files."""
    with held():
        bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.view_settings.view_transform = "Standard"
    scene.view_settings.look = "None"
    for name in scene.render.bl_rna.properties.keys():  # noqa: SIM118 - a bpy collection, not a dict
        # dates, times and host names in a file would make two equal renders differ
        if name.startswith("use_stamp"):
            setattr(scene.render, name, False)
    scene.render.resolution_percentage = 100
    scene.render.use_file_extension = False
    scene.render.use_compositing = scene.render.use_sequencer = False
    scene.render.dither_intensity = 0.0
    return scene


def set_image_format(scene: bpy.types.Scene, image_format: str, transparent: bool = False) -> None:
    """Encode as "jpg" (quality 92) or "png" (RGB, or RGBA without the background where `transparent`)."""
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"  # 5.0 asks for the kind of media before the format
    settings.file_format = {"jpg": "JPEG", "png": "PNG"}[image_format]
    settings.color_mode = "RGBA" if transparent else "RGB"
    scene.render.film_transparent = transparent
    if image_format == "jpg":
        settings.quality = 92
    else:
        settings.color_depth, settings.compression = "8", 15


def checked_mesh(model: MorphableModel, name: str = "figure") -> bpy.types.Mesh:
    """The template as a mesh, with its UV map where something is drawn by it.

    Raises SemantifyError for a broken model.
    """
    mesh = mesh_of(model, name, uv=TEXTURE in model.extra or bool(model.paint))
    if mesh.validate(verbose=False):
        raise SemantifyError(f"model {model.name!r} has faces that Blender cannot show; build the model again")
    return mesh


def move_vertices(mesh: bpy.types.Mesh, vertices: np.ndarray) -> None:
    """Give a mesh new vertex positions. vertices: (V, 3) float32 metres, in the mesh's own space."""
    mesh.attributes["position"].data.foreach_set("vector", np.ascontiguousarray(vertices, np.float32).ravel())
    # The attribute is several times faster than `vertices.foreach_set`, but only the latter's way of writing tells
    # Blender to split quads anew: a split left over from another shape changes single pixels with a run's history.
    mesh.vertices[0].co = vertices[0]
    mesh.update()


class Stage:
    """A model ready to be photographed many times; takes over Blender's current scene."""

    def __init__(
        self,
        model: MorphableModel,
        size: int,
        engine: str = "cycles",
        engine_samples: int = 8,
        image_format: str = "jpg",
        textured: bool = True,
        folder: str | Path | None = None,
        transparent: bool = False,
    ) -> None:
        """size: pixels. transparent: leave the background out (png).

        folder: where pictures pass through, by default a folder in memory where there is one.
        Raises SemantifyError when the engine cannot run on this machine.
        """
        self.model, self.framing = model, model.framing
        self.scene = scene = new_scene()
        scene.render.resolution_x = scene.render.resolution_y = size
        set_image_format(scene, image_format, transparent)
        self.device = use_engine(scene, engine, engine_samples)
        self.shade = Shade()
        self._layered = transparent and bool(model.parts)
        self.materials = FigureMaterials(
            model, self.shade, textured, GARMENTS if transparent else (), (OPENING,) if self._layered else ()
        )
        if engine == "workbench":
            scene.display.shading.color_type = "VERTEX" if self.materials.texture is None else "TEXTURE"
        self._by_corners = engine == "workbench" and self.materials.texture is None
        self._outfits: dict[str | None, tuple[Dressed[MorphableModel], bpy.types.Mesh]] = {}
        self.dressed, self.mesh = self._outfit(None)
        self.figure = bpy.data.objects.new("figure", self.mesh)
        scene.collection.objects.link(self.figure)
        self.background = Background(scene)
        lamp = bpy.data.lights.new("key", "SUN")
        lamp.angle = math.radians(2.0)
        self.lamp = bpy.data.objects.new("key", lamp)
        self.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
        self.camera.data.sensor_width = SENSOR
        for thing in (self.lamp, self.camera):
            scene.collection.objects.link(thing)
        scene.camera = self.camera
        self._carried: CarriedThings | None = None
        self._key: object = None
        self._folder = picture_folder(folder)
        self._file = Path(self._folder.name) / f"picture.{image_format}"
        output_to(scene, self._file)

    def wear(self, outfit: str | None = None) -> Dressed[MorphableModel]:
        """Put clothes on; None is what the model wears by itself. Returns what `shape` then takes the vertices of.

        Raises SemantifyError for an outfit that the model does not have.
        """
        self.dressed, mesh = self._outfit(outfit)
        if mesh != self.mesh:
            self.mesh = self.figure.data = mesh
        return self.dressed

    def _outfit(self, outfit: str | None) -> tuple[Dressed[MorphableModel], bpy.types.Mesh]:
        """The dressed model and its mesh, made once."""
        if outfit not in self._outfits:
            dressed = self.model.dressed(outfit)
            if self._layered:
                dressed = with_opening(dressed)
            mesh = checked_mesh(dressed.model)
            self.materials.put_on(mesh, dressed)
            self._outfits[outfit] = dressed, mesh
        return self._outfits[outfit]

    def shape(self, vertices: np.ndarray) -> None:
        """Give the figure a shape.

        vertices: (Vd, 3) float32 metres of the dressed model, already on the floor where that is wanted.
        """
        move_vertices(self.mesh, vertices)

    def carry(self, grids: Mapping[str, np.ndarray], colours: Mapping[str, Colour]) -> None:
        """Show what the figure wears on its head and carries. grids, colours: see `CarriedThings.show`."""
        if self._carried is None:
            if not grids:
                return
            self._carried = CarriedThings(self.scene, self.shade)
        self._carried.show(grids, colours)

    def aim(self, azimuth: float, look: Look) -> None:
        """Camera, light, colours and background for a view at `azimuth` degrees under a look."""
        turned = azimuth + look.yaw
        self.materials.apply(look)
        if self._by_corners:
            self.materials.colour_corners(self.mesh, self.dressed, look)
        self.shade.apply(look, turned)
        self.background.apply(look)
        key = (turned + look.key_azimuth, look.key_elevation, look.key_strength, look.key_colour)
        if key != self._key:
            self._key = key
            self.lamp.data.color = linear_rgba(look.key_colour)[:3]
            self.lamp.data.energy = math.pi * look.key_strength  # a sun of strength π lights white to 1
            point(self.lamp, direction(key[0], key[1]))
        height = self.framing.height * look.zoom
        away = look.distance * self.framing.height
        backwards = direction(turned, look.pitch)
        point(self.camera, backwards)
        self.camera.location = [c + away * b for c, b in zip(self.framing.centre, backwards, strict=True)]
        camera = self.camera.data
        camera.lens = SENSOR * away / height
        camera.clip_start, camera.clip_end = 0.1 * away, 4 * away
        camera.shift_x, camera.shift_y = -look.shift[0], -look.shift[1]

    def render(self, seed: int = 0) -> bytes:
        """Render and return the encoded picture. seed: of Cycles' sampling noise. Raises SemantifyError on failure."""
        if self.scene.render.engine == "CYCLES":
            self.scene.cycles.seed = seed
            self.scene.update_tag()  # Cycles' settings alone do not reach a scene that is kept between renders
        try:
            render_still(self.scene, self._file)
            data = self._file.read_bytes()
            if not is_whole(data):
                raise OSError("only a part of the picture was written")
            return without_comments(data)
        except (RuntimeError, OSError) as error:
            raise SemantifyError(
                f"Blender could not render into {self._file.parent} ({str(error).strip()}); is there space left?"
            ) from error

    def close(self) -> None:
        """Remove the temporary folder."""
        self._folder.cleanup()

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def point(thing: bpy.types.Object, backwards: tuple[float, float, float]) -> None:
    """Turn an object so that its +Z axis looks along `backwards`, its X axis level: so lamps and cameras look."""
    x, y, z = backwards
    yaw, tilt = math.atan2(x, -y), math.acos(max(-1.0, min(1.0, z)))
    # rotation about Z by yaw after one about X by tilt
    cy, sy, ct, st = math.cos(yaw / 2), math.sin(yaw / 2), math.cos(tilt / 2), math.sin(tilt / 2)
    thing.rotation_mode = "QUATERNION"
    thing.rotation_quaternion = (cy * ct, cy * st, sy * st, sy * ct)

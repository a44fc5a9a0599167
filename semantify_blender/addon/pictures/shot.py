"""One picture of a subject: a file or an image of this file, with the crop box that was drawn on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy

from ...blender.pictures import orientation_of, picture_of, read_picture
from ...core.errors import SemantifyError, reason_of
from ...core.pictures.picture import Box, Picture, upright_box
from ...core.pictures.probe import probe
from .crop_box import box_of


@dataclass(frozen=True)
class Shot:
    """One picture of the subject. box: left, top, right, bottom in pixels as Blender shows the image, or None."""

    name: str
    path: str = ""
    image: str = ""
    box: Box | None = None

    @classmethod
    def of_file(cls, path: str) -> Shot:
        """A file on disk, with the crop box of the image of this file that shows it, if there is one."""
        image = next((image for image in bpy.data.images if _file_of(image) == path), None)
        return cls(Path(path).name, path) if image is None else cls(Path(path).name, path, image.name, box_of(image))

    @classmethod
    def again(cls, picture: bpy.types.PropertyGroup) -> Shot:
        """One that a character remembers. Raises SemantifyError for an image that is gone."""
        box = tuple(picture.crop) if picture.crop[2] > picture.crop[0] else None
        if not picture.path and picture.name not in bpy.data.images:
            raise SemantifyError(f"the image {picture.name!r} is no longer in this file: fit to another one first")
        return cls(picture.name, bpy.path.abspath(picture.path), picture.name, box)

    @classmethod
    def of_image(cls, name: str) -> Shot:
        """An image of this file. Raises SemantifyError when it is gone."""
        image = bpy.data.images.get(name)
        if image is None:
            raise SemantifyError(f"there is no image {name!r} in this file: choose another one")
        return cls(name, _file_of(image), name, box_of(image))

    def read(self) -> Picture:
        """The picture, upright. Raises SemantifyError with one sentence for a file that is no picture."""
        return read_picture(self.path) if self.path else picture_of(bpy.data.images[self.image])

    def image_of(self) -> bpy.types.Image:
        """The picture as an image of this file, loaded where it is none yet. Raises SemantifyError."""
        if not self.path:
            return bpy.data.images[Shot.of_image(self.image).image]
        try:
            return bpy.data.images.load(self.path, check_existing=True)
        except RuntimeError as error:
            raise SemantifyError(f"{self.name}: Blender cannot show this picture: {reason_of(error)}") from error

    def shown_box(self, box: Box) -> Box:
        """A box on the upright picture as Blender shows it: the way back from `turned_box`."""
        if self.path:
            info = probe(self.path)
            width, height, orientation = info.width, info.height, info.orientation
        else:
            image = bpy.data.images[self.image]
            (width, height), orientation = image.size, orientation_of(image)
        if orientation in (5, 6, 7, 8):
            width, height = height, width
        return upright_box(box, width, height, {6: 8, 8: 6}.get(orientation, orientation))

    def turned_box(self) -> Box | None:
        """The box on the upright picture: Blender shows, and boxes are drawn on, what the camera stored."""
        if self.box is None:
            return None
        if self.path:
            info = probe(self.path)
            return upright_box(self.box, info.width, info.height, info.orientation)
        image = bpy.data.images[self.image]
        width, height = image.size
        return upright_box(self.box, width, height, orientation_of(image))


def _file_of(image: bpy.types.Image) -> str:
    """The file that an image shows; empty for one that is generated, painted on, packed or missing."""
    if image.source != "FILE" or image.packed_file is not None or image.is_dirty:
        return ""
    path = Path(bpy.path.abspath(image.filepath, library=image.library))
    return str(path) if path.is_file() else ""

"""A model's own texture as a Blender image, for the renderer's and the add-on's materials alike."""

import bpy
import numpy as np

from ..core.errors import SemantifyError
from ..core.model.morphable_model import MorphableModel

TEXTURE = "texture"
"""Name in `MorphableModel.extra`: the bytes (n,) uint8 of a PNG or JPEG file, which Blender decodes."""
UV_MAP = "UVMap"


def has_texture(model: MorphableModel) -> bool:
    """True when `texture_image` gives one."""
    return TEXTURE in model.extra and model.uv is not None


def texture_image(model: MorphableModel) -> bpy.types.Image | None:
    """The model's texture packed into the .blend; None where the model has no texture or no UV.

    Raises SemantifyError when Blender cannot decode it.
    """
    if not has_texture(model):
        return None
    data = model.extra[TEXTURE]
    image = bpy.data.images.new(f"{model.name} texture", 1, 1)
    content = np.ascontiguousarray(data, np.uint8).tobytes()
    image.pack(data=content, data_len=len(content))
    image.source = "FILE"
    if not content or min(image.size) < 1:  # asking for the size decodes the picture
        bpy.data.images.remove(image)
        raise SemantifyError(f"model {model.name!r}: extra/texture is not a PNG or JPEG that Blender reads")
    return image


def add_uv(mesh: bpy.types.Mesh, model: MorphableModel) -> None:
    """Give a mesh that was made from the model its UV map; nothing where the model has none."""
    if model.uv is not None:
        layer = mesh.uv_layers.new(name=UV_MAP, do_init=False)
        layer.data.foreach_set("uv", np.ascontiguousarray(model.uv, np.float32).ravel())


def image_node(tree: bpy.types.NodeTree, image: bpy.types.Image) -> bpy.types.Node:
    """An image node of the tree, active so that solid view and Workbench show it."""
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    tree.nodes.active = node
    return node

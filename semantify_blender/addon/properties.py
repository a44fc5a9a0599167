"""What a character remembers: one property group on its Mesh, so linked duplicates share it as they share the keys."""

from collections.abc import Callable
from contextlib import suppress

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    FloatVectorProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from . import catalogue
from .character import FURTHEST
from .known import KnownProperties
from .selection import LAYER_ITEMS

OVERRIDABLE = {"LIBRARY_OVERRIDABLE"}
OVERRIDABLE_LIST = {"LIBRARY_OVERRIDABLE", "USE_INSERTION"}
"""On all that a character remembers: a library override silently forgets changes of other properties."""


def _changed(group: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    from .character import following

    following.follow(group.id_data)


def _slider_changed(name: str) -> Callable[[bpy.types.PropertyGroup, bpy.types.Context], None]:
    def changed(slider: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
        from .character import copying

        if not copying.taken_back(slider, name, context) and not _beyond_reach(slider):
            _changed(slider, context)
            if name == "value":
                from .character import history

                history.moved(slider.id_data)

    return changed


def _beyond_reach(slider: bpy.types.PropertyGroup) -> bool:
    """Bring a slider back that was typed beyond what its mapper allows, which calls the update again."""
    if abs(slider.value) <= 1.0:
        return False
    from .character import embedding, layers, shape

    mapper = embedding.mapper_of(layers.of_slider(slider)[0])
    most = 1.0 if mapper is None else shape.reach(mapper)
    if abs(slider.value) <= most:
        return False
    slider.value = most if slider.value > 0 else -most
    return True


class SEMANTIFY_PG_slider(bpy.types.PropertyGroup):
    """One descriptor; its word is the built-in `name`."""

    value: FloatProperty(
        name="Amount",
        description="-1 is the low end of this word's CLIP score, 0 its default, +1 the high end; typed, it may go as "
        "far beyond as the mapper allows",
        min=-FURTHEST,
        max=FURTHEST,
        soft_min=-1.0,
        soft_max=1.0,
        default=0.0,
        precision=2,
        step=5,
        override=OVERRIDABLE,
        update=_slider_changed("value"),
    )
    lock: BoolProperty(
        name="Lock",
        description="Reset All and Randomize leave this slider alone, and Keep Natural holds it where it is",
        options=set(),
        override=OVERRIDABLE,
        update=_slider_changed("lock"),
    )


class SEMANTIFY_PG_key(bpy.types.PropertyGroup):
    """One of the mesh's own shape keys that the sliders move; its name is the built-in `name`."""

    before: FloatProperty(name="Value before Semantify was attached", options={"HIDDEN"}, override=OVERRIDABLE)
    left_alone: BoolProperty(
        name="Left alone because it had drivers or keyframes of its own",
        options={"HIDDEN"},
        override=OVERRIDABLE,
    )


class SEMANTIFY_PG_baked_key(bpy.types.PropertyGroup):
    """One of the shape keys that a bake made; its name is the built-in `name`."""


def _colour(region: bpy.types.PropertyGroup) -> tuple[float, float, float]:
    from .character import colours

    return colours.linear_colour(region.id_data, region.name) or (0.5, 0.5, 0.5)


def _set_colour(region: bpy.types.PropertyGroup, value: tuple[float, float, float]) -> None:
    from .character import colours

    colours.set_linear(region.id_data, region.name, value)


class SEMANTIFY_PG_region(bpy.types.PropertyGroup):
    """One region of a character, as skin or a garment; its name is the built-in `name`."""

    colour: FloatVectorProperty(
        name="Colour",
        description="Colour of this region on this character; other characters keep theirs",
        subtype="COLOR",
        min=0.0,
        max=1.0,
        # it is kept where it is seen, in the character's materials
        get=_colour,
        set=_set_colour,
        options={"SKIP_SAVE"},
        override=OVERRIDABLE,
    )
    material: StringProperty(
        name="Name of its material when it was last seen", options={"HIDDEN"}, override=OVERRIDABLE
    )


class SEMANTIFY_PG_coefficient(bpy.types.PropertyGroup):
    """One coefficient of what a fit adds to the sliders' shape; there may be more than a vector property can hold."""

    value: FloatProperty(name="Standard deviations, or a shape key's value", options={"HIDDEN"}, override=OVERRIDABLE)


class SEMANTIFY_PG_picture(bpy.types.PropertyGroup):
    """One picture that a character was fitted to; what people call it is the built-in `name`."""

    path: StringProperty(
        name="File; empty for an image that is in this file only",
        subtype="FILE_PATH",
        override=OVERRIDABLE,
    )
    crop: FloatVectorProperty(
        name="Left, top, right, bottom in pixels; all 0 without a crop box",
        size=4,
        override=OVERRIDABLE,
    )


class SEMANTIFY_PG_image(bpy.types.PropertyGroup):
    """What an Image remembers: the box around the figure that the user drew."""

    crop: FloatVectorProperty(
        name="Crop",
        description="Left, top, right, bottom of the box around the figure in pixels from the top left; all 0: none",
        size=4,
        options=set(),
        override=OVERRIDABLE,
    )


class LayerProperties:
    """Mixin: what one mapper shapes with its sliders. A body has it, a face and an expression that a body was given."""

    sliders: CollectionProperty(type=SEMANTIFY_PG_slider, name="Sliders", override=OVERRIDABLE_LIST)
    keep_natural: BoolProperty(
        name="Keep Natural",
        description="Sliders left at 0 silently follow the others, as these traits go together in the training shapes",
        options=set(),
        update=_changed,
        override=OVERRIDABLE,
    )
    mapper_name: StringProperty(name="Mapper", options={"HIDDEN"}, override=OVERRIDABLE)
    mapper_path: StringProperty(name="Mapper file", subtype="FILE_PATH", options={"HIDDEN"}, override=OVERRIDABLE)
    mapper_checksum: StringProperty(name="SHA-256 of the mapper file", options={"HIDDEN"}, override=OVERRIDABLE)
    model_name: StringProperty(name="Morphable model", options={"HIDDEN"}, override=OVERRIDABLE)
    model_checksum: StringProperty(name="Checksum of the morphable model", options={"HIDDEN"}, override=OVERRIDABLE)
    model_content: StringProperty(name="SHA-256 of the model file", options={"HIDDEN"}, override=OVERRIDABLE)
    component_count: IntProperty(name="Components", options={"HIDDEN"}, override=OVERRIDABLE)
    seed: IntProperty(
        name="Seed",
        description="Seed of the next Randomize; the same seed gives the same character",
        min=0,
        options=set(),
        override=OVERRIDABLE,
    )
    strength: FloatProperty(
        name="Strength",
        description="How far Randomize may go; 1 is as varied as the training shapes",
        min=0.0,
        max=2.0,
        soft_max=1.0,
        default=0.7,
        subtype="FACTOR",
        options=set(),
        override=OVERRIDABLE,
    )
    offset: CollectionProperty(
        type=SEMANTIFY_PG_coefficient,
        name="What a fit adds to the sliders' shape",
        override=OVERRIDABLE_LIST,
    )
    offset_amount: FloatProperty(
        name="Amount",
        description="How much of what the picture showed, and the sliders alone cannot make, is added to their shape",
        min=0.0,
        max=1.0,
        default=1.0,
        subtype="FACTOR",
        options=set(),
        update=_changed,
        override=OVERRIDABLE,
    )
    fitted_to: StringProperty(name="Fitted to", options={"HIDDEN"}, override=OVERRIDABLE)
    fit_notes: StringProperty(name="What was said about the fit, a line each", options={"HIDDEN"}, override=OVERRIDABLE)
    fit_preview: StringProperty(
        name="Which preview shows the crop that was used",
        options={"HIDDEN"},
        override=OVERRIDABLE,
    )
    fit_height: FloatProperty(
        name="Height that was given for the fit in metres, 0 for none",
        options={"HIDDEN"},
        override=OVERRIDABLE,
    )
    fit_sex: StringProperty(
        name='"female" or "male" as was given for the fit, empty for what was seen',
        options={"HIDDEN"},
        override=OVERRIDABLE,
    )
    fit_weight: FloatProperty(
        name="Weight that was given for the fit in kg, 0 for none",
        options={"HIDDEN"},
        override=OVERRIDABLE,
    )
    fit_chest: FloatProperty(
        name="Girth of the chest that was given for the fit in metres, 0 for none",
        options={"HIDDEN"},
        override=OVERRIDABLE,
    )
    fit_waist: FloatProperty(
        name="Girth of the waist that was given for the fit in metres, 0 for none",
        options={"HIDDEN"},
        override=OVERRIDABLE,
    )
    fit_hips: FloatProperty(
        name="Girth of the hips that was given for the fit in metres, 0 for none",
        options={"HIDDEN"},
        override=OVERRIDABLE,
    )
    fit_measures: StringProperty(
        name="Height, weight and girths that the fit found, and how far each may be off, as JSON",
        options={"HIDDEN"},
        override=OVERRIDABLE,
    )
    fit_pose: StringProperty(
        name="How the figure is held in each picture, joint to rotation vector in degrees, as JSON",
        options={"HIDDEN"},
        override=OVERRIDABLE,
    )
    fit_encoder: StringProperty(
        name="Checksum of what looked at the pictures",
        options={"HIDDEN"},
        override=OVERRIDABLE,
    )
    pictures: CollectionProperty(
        type=SEMANTIFY_PG_picture,
        name="Pictures of the last fit",
        options={"HIDDEN"},
        override=OVERRIDABLE_LIST,
    )


class SEMANTIFY_PG_layer(LayerProperties, bpy.types.PropertyGroup):
    """A face or an expression on a character; without sliders there is none."""


class SEMANTIFY_PG_character(LayerProperties, bpy.types.PropertyGroup):
    """State of a character; a mesh without sliders is no character.

    No group here points to a datablock that users can delete: Blender 5.0 leaves such a pointer dangling, and crashes
    when its owner is freed. The Text with the mapper hangs on a custom property of the mesh (`embedding.key_of`).
    """

    face: PointerProperty(type=SEMANTIFY_PG_layer, name="Face", override=OVERRIDABLE)
    expression: PointerProperty(type=SEMANTIFY_PG_layer, name="Expression", override=OVERRIDABLE)
    keys: CollectionProperty(
        type=SEMANTIFY_PG_key,
        name="Own shape keys",
        options={"HIDDEN"},
        override=OVERRIDABLE_LIST,
    )
    outfit: StringProperty(
        name="Clothes that are worn; empty where the model has none to choose from",
        options={"HIDDEN"},
        override=OVERRIDABLE,
    )
    regions: CollectionProperty(
        type=SEMANTIFY_PG_region,
        name="Regions",
        options={"HIDDEN"},
        override=OVERRIDABLE_LIST,
    )
    baked_keys: CollectionProperty(
        type=SEMANTIFY_PG_baked_key,
        name="Shape keys of the bake",
        options={"HIDDEN"},
        override=OVERRIDABLE_LIST,
    )
    baked: BoolProperty(name="Baked", options={"HIDDEN"}, override=OVERRIDABLE)
    bake_start: IntProperty(name="First baked frame", options={"HIDDEN"}, override=OVERRIDABLE)
    bake_end: IntProperty(name="Last baked frame", options={"HIDDEN"}, override=OVERRIDABLE)


class SEMANTIFY_PG_word(bpy.types.PropertyGroup):
    """A word that sliders are to be trained for; it is the built-in `name`."""


def _words_like(group: bpy.types.PropertyGroup, context: bpy.types.Context, text: str) -> list[str]:
    from .own_words import tasks

    return [word for word in tasks.suggestions(context) if text.lower() in word]


def _described(session: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    """Enter in the text field: one undo step, which Blender itself makes for no property of the window manager."""
    from .pictures import full_clip
    from .state import memory

    if memory.filling_in:
        return
    memory.not_described, memory.meant = "", None
    if session.describe.strip():
        by = session.describe_by if full_clip.ready() else "WORDS"
        # a CLIP that has to be loaded first must not keep the window waiting
        how = "EXEC_DEFAULT" if by == "WORDS" else "INVOKE_DEFAULT"
        # what it could not do, the operator has remembered for the panel
        with suppress(RuntimeError):
            bpy.ops.semantify.describe(how, True, text=session.describe, by=by)


class SEMANTIFY_PG_session(KnownProperties, bpy.types.PropertyGroup):
    """What the panel needs that belongs to no file: also what is known of the next picture's subject."""

    mapper: EnumProperty(
        name="Mapper",
        description="The words a new character is shaped with, and the body they shape",
        items=catalogue.enum_items,
        options={"SKIP_SAVE"},
    )
    layer: EnumProperty(
        name="Fit",
        description="What of the active character takes the shape of the figure in the picture",
        items=LAYER_ITEMS,
        options={"SKIP_SAVE"},
    )
    own_word: StringProperty(
        name="Word",
        description="A word for the list, or several with commas between them; the CLIP's own words are suggested",
        search=_words_like,
        search_options={"SUGGESTION"},
        options={"SKIP_SAVE"},
    )
    own_words: CollectionProperty(type=SEMANTIFY_PG_word, name="Own words", options={"SKIP_SAVE"})
    own_name: StringProperty(
        name="Name", description="Of the mapper that is trained; empty for the model's with -own", options={"SKIP_SAVE"}
    )
    own_samples: IntProperty(
        name="Shapes",
        description="Random shapes that are rendered and scored: a few hundred for a first try, 3,000 for good sliders",
        default=1000,
        min=16,
        soft_max=5000,
        max=1_000_000,
        options={"SKIP_SAVE"},
    )
    own_size: EnumProperty(
        name="Pixels",
        description="Of each picture: 128 is what the small CLIP looks at, 224 what full ones do",
        items=(("128", "128 px", "For the small CLIP"), ("224", "224 px", "For full CLIPs")),
        options={"SKIP_SAVE"},
    )
    describe: StringProperty(
        name="Describe",
        description='What the selected characters are like, as "a short, heavily muscular woman, not fat", or how they '
        'should change, as "a bit less fat, taller"; Enter sets the sliders that it speaks of',
        options={"SKIP_SAVE"},
        update=_described,
    )
    describe_by: EnumProperty(
        name="Describe by",
        description="What understands the text",
        items=(
            ("WORDS", "Words", "Words and phrases that are known, with degrees, negations and comparisons"),
            ("CLIP", "CLIP", "The full CLIP of the preferences: what a text of any words is like, taken as a whole"),
        ),
        options={"SKIP_SAVE"},
    )
    image: StringProperty(
        name="Image",
        # by name: in Blender 5.0 a pointer from the window manager dangles once the image is deleted
        description="An image of this file that shows the figure",
        options={"SKIP_SAVE"},
    )


CLASSES = (
    SEMANTIFY_PG_slider,
    SEMANTIFY_PG_key,
    SEMANTIFY_PG_baked_key,
    SEMANTIFY_PG_region,
    SEMANTIFY_PG_coefficient,
    SEMANTIFY_PG_picture,
    SEMANTIFY_PG_image,
    SEMANTIFY_PG_layer,
    SEMANTIFY_PG_character,
    SEMANTIFY_PG_word,
    SEMANTIFY_PG_session,
)
"""Groups before those that point to them."""


def register() -> None:
    """Give meshes, images and the window manager their `semantify`."""
    bpy.types.Mesh.semantify = PointerProperty(type=SEMANTIFY_PG_character, override=OVERRIDABLE)
    bpy.types.Image.semantify = PointerProperty(type=SEMANTIFY_PG_image, override=OVERRIDABLE)
    bpy.types.WindowManager.semantify = PointerProperty(type=SEMANTIFY_PG_session)


OWNERS = (bpy.types.Mesh, bpy.types.Image, bpy.types.WindowManager)
"""Who has a `semantify` once `register` was called."""

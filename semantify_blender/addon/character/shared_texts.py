"""One Text a mapper and a model: every append brings copies, and many characters would fill the file with them."""

from __future__ import annotations

import bpy
from bpy.app.handlers import persistent


@persistent
def share(*_: object) -> None:
    """Give all characters of this file with the same embedded mapper, or model, the same Text, and delete the others.

    Texts that differ in a single byte, because one of them is damaged, all stay.
    """
    if len(bpy.data.texts) < 2:
        return
    from . import embedding, models

    kept: dict[str, list[bpy.types.Text]] = {}
    for text in list(bpy.data.texts):
        known = text.library is None and (embedding.known_by(text) or models.known_by(text))
        if not known:
            continue
        same = kept.setdefault(known, [])
        content = _held(text)
        first = next((other for other in same if _held(other) == content), None)
        if first is None:
            same.append(text)
        else:
            text.user_remap(first)
            bpy.data.texts.remove(text)


def _held(text: bpy.types.Text) -> tuple[str, bytes]:
    from . import embedding, models

    return embedding.content_of(text), models.bytes_of(text)


HANDLERS = [(bpy.app.handlers.load_post, share), (bpy.app.handlers.save_pre, share)]
if hasattr(bpy.app.handlers, "blend_import_post"):
    # since 4.3; before, what was appended is shared when the file is saved
    HANDLERS.append((bpy.app.handlers.blend_import_post, share))

"""The further rigs that go with a model's family, read at their first use."""

from pathlib import Path

from .library import available
from .model.morphable_model import MorphableModel
from .model.rig_set import RigSet

_read: dict[Path, RigSet] = {}


def rigs_for(model: MorphableModel) -> RigSet | None:
    """The rigs that fit a model; None where there are none. Raises FileFormatError for a damaged file."""
    path = available("rigs").get(str(model.metadata.get("family", "")))
    if path is None:
        return None
    if path not in _read:
        _read[path] = RigSet.load(path)
    return _read[path] if _read[path].fits(model) else None

"""A mapper for words of one's own: what is to be trained, a file that the add-on writes and a child process reads."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .errors import FileFormatError
from .files.names import is_plain
from .files.schema import Maybe, conform
from .files.writing import read_bytes, write_json

FILE = "task.json"
"""Its name in the folder that pictures, embeddings and scores are kept in."""
BUSY = "another Blender trains in {folder} already: wait until it is done, or choose another number or size of pictures"
"""Two that train the same model, number and size would write one another's files: FILE is claimed by one."""
_SCHEMA = {
    "schema": str, "model": str, "name": str, "words": [str], "samples": int, "size": int, "engine_samples": int,
    "clip": str, "mapper": str, "blender": Maybe(str), "done": bool,
}  # fmt: skip
_NAME = "semantify.own-words/1"
WORDS = 40
"""More sliders than that serve nobody."""
SAMPLES = (16, 1_000_000)
SIZES = (64, 1024)
_WAY_OUT = "train again from the panel Own Words"


@dataclass(frozen=True)
class OwnWords:
    """What is to be trained.

    model: file of the morphable model. name: of the mapper. words: its sliders. samples: of shapes. size: pixels.
    engine_samples: a pixel's. clip: as --clip takes it. mapper: where the mapper's file goes. blender: the program that
    renders, None for the bpy of the Python that trains. done: whether the mapper is there.
    """

    model: str
    name: str
    words: tuple[str, ...]
    samples: int
    size: int
    clip: str
    mapper: str
    blender: str | None = None
    engine_samples: int = 4
    done: bool = False

    def save(self, folder: Path) -> None:
        """Write FILE into the folder. Raises OutputError."""
        write_json(folder / FILE, self._told())

    def text(self) -> str:
        """What FILE holds, on one line."""
        return json.dumps(self._told())

    def _told(self) -> dict[str, Any]:
        return {"schema": _NAME, **asdict(self)}

    @classmethod
    def load(cls, folder: Path) -> "OwnWords":
        """Read FILE. Raises FileFormatError, naming the field, for what is no task."""
        path = folder / FILE
        return cls.read(path, read_bytes(path))

    @classmethod
    def read(cls, path: Path, text: str | bytes) -> "OwnWords":
        """The same of a text; the path is only a name for messages."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FileFormatError(path, "file", f"is no JSON; {_WAY_OUT}") from error
        conform(path, found, _SCHEMA, way_out=_WAY_OUT)
        if found.pop("schema") != _NAME:
            raise FileFormatError(path, "schema", f"expected {_NAME!r}; {_WAY_OUT}")
        if not is_plain(found["name"]):
            raise FileFormatError(path, "name", f"cannot name a file; {_WAY_OUT}")
        if not 1 <= len(found["words"]) <= WORDS:
            raise FileFormatError(path, "words", f"expected 1 to {WORDS}; {_WAY_OUT}")
        for field, (least, most) in (("samples", SAMPLES), ("size", SIZES), ("engine_samples", (1, 4096))):
            if not least <= found[field] <= most:
                raise FileFormatError(path, field, f"expected {least} to {most}; {_WAY_OUT}")
        known = {name: found[name] for name in _SCHEMA if name != "schema"}
        return cls(**{**known, "words": tuple(known["words"])})

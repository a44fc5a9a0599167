"""What a child process can be asked: a frozen dataclass a verb, which its command line is read into and written of.

So option names, their defaults and their types are in one place, on both sides of the process's border.
"""

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import ClassVar

from ..core.clip_names import SMALL
from ..core.dataset_spec import DatasetSpec
from ..core.pictures.picture import Box

FORMATS = ("json", "csv")
"""Files that a fit writes."""


@dataclass(frozen=True)
class Request:
    """A verb and its options; each field is the option of its name."""

    verb: ClassVar[str]
    arguments: ClassVar[frozenset[str]] = frozenset()
    """Fields that are given by their place."""
    repeated: ClassVar[frozenset[str]] = frozenset()
    """Fields of several values whose option is given once for each of them."""

    def words(self) -> list[str]:
        """The command line behind the verb. Options that have their defaults are left out."""
        values = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        placed = [_plain(str(item)) for name in values if name in self.arguments for item in values[name][0]]
        named = (
            word
            for name, (value, default) in values.items()
            if name not in self.arguments and (default is MISSING or value != default)
            for word in self._option(name, value)
        )
        return [*placed, *named]

    def _option(self, name: str, value: object) -> Iterator[str]:
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            yield flag if value else f"--no-{flag[2:]}"
        elif not isinstance(value, tuple):
            yield from _given(flag, str(value))
        elif name in self.repeated:
            for item in value:
                yield from _given(flag, self.text(name, item))
        else:
            yield from (flag, *(self.text(name, item) for item in value))

    def text(self, name: str, item: object) -> str:
        """One of a field's several values as the command line has it."""
        return str(item)


def _plain(path: str) -> str:
    # one that begins with a dash would be taken for an option
    return f"./{path}" if path.startswith("-") else path


def _given(flag: str, text: str) -> Iterator[str]:
    # as above
    yield from (f"{flag}={text}",) if text.startswith("-") else (flag, text)


@dataclass(frozen=True)
class DatasetRequest(Request):
    """Random shapes of a model, or given ones, as pictures in shards: see `core.dataset_spec.DatasetSpec`.

    model: name or path. out: folder. None leaves a choice to the model: samples (3000, or all rows of `coefficients`),
    sampler, k, components, views ("front", "az:30", …), format. coefficients: .npy file (N, K), standard deviations.
    shapes: .npy file (N, V, 3), metres. size: pixels. outfit: what all wear; None is the model's usual one, or any
    where people are posed. shard: "i/n", the i-th of n parts, from 1, or "auto" for that of a job array's task. worker:
    "i/n", one of n processes that share the work.
    """

    verb: ClassVar[str] = "dataset"

    model: str
    out: Path
    samples: int | None = None
    seed: int = 0
    sampler: str | None = None
    k: float | None = None
    components: int | None = None
    coefficients: Path | None = None
    shapes: Path | None = None
    views: tuple[str, ...] | None = None
    size: int = DatasetSpec.size
    engine: str = DatasetSpec.engine
    engine_samples: int = DatasetSpec.engine_samples
    format: str | None = None
    look: str = DatasetSpec.look
    textured: bool = DatasetSpec.textured
    outfit: str | None = None
    shard: str = "1/1"
    shard_size: int = DatasetSpec.shard_size
    worker: str | None = None


@dataclass(frozen=True)
class InfluenceRequest(Request):
    """One picture: where on the model each descriptor acts.

    mapper, model: name or path; model None is the one that the mapper names. out: PNG or JPEG file. width: pixels.
    engine_samples: per pixel.
    """

    verb: ClassVar[str] = "influence"

    mapper: str
    out: Path
    model: str | None = None
    width: int = 1600
    engine_samples: int = 6


@dataclass(frozen=True)
class SheetRequest(InfluenceRequest):
    """One picture: a row a descriptor, a column a slider position. steps: slider positions from −1 to 1."""

    verb: ClassVar[str] = "sheet"

    steps: int = 5


@dataclass(frozen=True)
class FitRequest(Request):
    """Shapes from pictures: fits.json, fits.csv, meshes, and a sheet with each picture beside its shape.

    images: files. mapper, model: name or path; model None is the one that the mapper names. out: folder.
    together: all pictures show one subject. What is known of each: height in metres, sex "female" or "male", weight in
    kg, the girths chest, waist and hips in centimetres. lock: (word, slider position −1..1) of
    sliders that stay. crop: none, one for all pictures or one a picture; None in it is the whole picture.
    refine: render candidates and bring the shape nearer. clip, python, device: of a full CLIP. data: folders with
    encoders and fitters in front of $SEMANTIFY_DATA. scores: only through the mapper's own words. format: of FORMATS.
    mesh: "obj", "ply" or "glb". sheet_pictures: how many of the pictures the sheet shows. force: fit pictures, too, in
    which no finder sees the subject.
    """

    verb: ClassVar[str] = "fit"
    arguments: ClassVar[frozenset[str]] = frozenset({"images"})
    repeated: ClassVar[frozenset[str]] = frozenset({"lock", "crop", "data"})

    images: tuple[Path, ...]
    mapper: str
    out: Path
    model: str | None = None
    together: bool = False
    height: float | None = None
    sex: str | None = None
    weight: float | None = None
    chest: float | None = None
    waist: float | None = None
    hips: float | None = None
    lock: tuple[tuple[str, float], ...] = ()
    crop: tuple[Box | None, ...] = ()
    refine: bool = False
    clip: str = SMALL
    data: tuple[Path, ...] = ()
    python: str | None = None
    device: str | None = None
    scores: bool = False
    format: tuple[str, ...] = FORMATS
    mesh: str | None = None
    sheet: bool = True
    sheet_pictures: int = 20
    force: bool = False

    def text(self, name: str, item: object) -> str:
        """WORD=VALUE of a lock; L,T,R,B or "whole" of a crop; a path as it is."""
        match name, item:
            case "lock", (word, value):
                return f"{word}={value}"
            case "crop", None:
                return "whole"
            case "crop", (*sides,):
                return ",".join(map(str, sides))
        return str(item)


@dataclass(frozen=True)
class WorkerRequest(Request):
    """To keep a CLIP loaded and answer for it. clip, device: as of a fit. subject: which one "small" means.

    offline: only weights that are on this machine.
    """

    verb: ClassVar[str] = "worker"

    clip: str
    device: str | None = None
    subject: str = "body"
    offline: bool = False

"""What a dataset is to hold, and `dataset.json`, which says so beside its shards."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from .errors import FileFormatError, SemantifyError
from .files.bounds import COMPONENTS, SMALLEST, VIEWS
from .files.json_text import read_json
from .files.names import check_name, check_text
from .files.schema import Maybe, conform
from .files.shards import Sample, read_shard, read_sums, write_shard
from .files.writing import write_json
from .model.clothes import Clothes
from .model.morphable_model import MorphableModel
from .model.sampling import NO_POPULATION, POPULATION, SAMPLERS, default_k, default_sampler
from .model.view import View

SCHEMA = "semantify.dataset/1"
_SCHEMA = {
    "model": str, "model_checksum": str, "samples": int, "seed": int, "blender_version": str, "sampler": str,
    "k": float, "components": Maybe(int), "views": [{"name": str, "azimuth": float}], "size": int, "engine": str,
    "engine_samples": int, "image_format": str, "look": str, "textured": bool, "shard_size": int,
    "coefficients_checksum": Maybe(str), "outfit": Maybe(str),
}  # fmt: skip
SPEC_FILE = "dataset.json"
ENGINES = ("cycles", "eevee", "workbench")
IMAGE_FORMATS = ("jpg", "png")
LOOKS = ("plain", "random", "wild", "unseen")
GIVEN = ("file", POPULATION)
"""Samplers that take shapes from somewhere, which a dataset names by its checksum."""
POSED = ("wild", "unseen")
"""Looks for fitting shapes to pictures: any view, clothes and pose, and no backdrop (png with alpha)."""


@dataclass(frozen=True)
class DatasetSpec:
    """All that decides the pictures of a dataset; sample i depends only on this and on i.

    model, model_checksum: the morphable model. samples: N. seed: of coefficients and looks.
    sampler: "uniform", "normal", "authors" (core.model.sampling, limited to ±k standard deviations, the first
    `components` coefficients only), "population" (the model's, whose checksum is `coefficients_checksum`; k has no part
    in it) or "file" (an (N, K) array with that checksum).
    views: one picture each. size: pixels, square. engine, engine_samples: Blender engine and its samples per pixel.
    look: "plain" studio; "random" (colours, lights, background, small camera changes); "wild" (also garments, any lens,
    limbs posed where the model has a rig, and transparent in place of a background: to train the fit to pictures);
    "unseen" (the same with other lights, lenses, patterns and poses, to test it). textured: False is all grey.
    shard_size: samples in a shard. blender_version: of the program that renders.
    outfit: what all samples wear, of the model's own; None: its usual one, or any for those that are posed.

    >>> import semantify_blender as sb
    >>> spec = DatasetSpec.of(sb.load_model("anny-face-expression"), samples=300, views=["front", "az:30"])
    >>> spec.k, [view.name for view in spec.views], spec.shard_count
    (4.0, ['front', 'az30'], 2)
    """

    model: str
    model_checksum: str
    samples: int
    seed: int
    blender_version: str
    sampler: str = "uniform"
    k: float = 2.0
    components: int | None = None
    views: tuple[View, ...] = (View("front", 0.0), View("side", 90.0))
    size: int = 224
    engine: str = "cycles"
    engine_samples: int = 8
    image_format: str = "jpg"
    look: str = "plain"
    textured: bool = True
    shard_size: int = 250
    coefficients_checksum: str | None = None
    outfit: str | None = None

    def __post_init__(self) -> None:
        """Raise SemantifyError for a value that cannot be rendered."""
        for name, choices in (
            ("sampler", (*SAMPLERS, "file")),
            ("engine", ENGINES),
            ("image_format", IMAGE_FORMATS),
            ("look", LOOKS),
        ):
            if getattr(self, name) not in choices:
                raise SemantifyError(f"{name} is {getattr(self, name)!r}: choose one of {', '.join(choices)}")
        for name, lowest, highest in (
            ("samples", 1, 10**6 - 1),
            ("seed", 0, 2**63 - 1),
            ("size", 8, 8192),
            ("engine_samples", 1, 2**16),
            ("shard_size", 1, 10**6),
        ):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
                raise SemantifyError(f"{name} is {value!r}: give a whole number in {lowest}..{highest}")
        if not (isinstance(self.k, int | float) and SMALLEST <= self.k < 100):
            raise SemantifyError(f"k is {self.k!r}: give a positive number of standard deviations")
        whole = isinstance(self.components, int) and not isinstance(self.components, bool)
        if self.components is not None and not (whole and 1 <= self.components <= COMPONENTS):
            raise SemantifyError(f"components is {self.components!r}: give a positive whole number or none for all")
        if self.look in POSED and self.image_format != "png":
            raise SemantifyError(f"image_format is {self.image_format!r}: look {self.look!r} has no backdrop; use png")
        names = [view.name for view in self.views]
        plain = all(re.fullmatch(r"[\w-]{1,64}", name) for name in names)
        if not 1 <= len(names) <= VIEWS or len(set(names)) < len(names) or not plain:
            raise SemantifyError(f"views are {names!r:.200}: give 1 to {VIEWS}, each once, named by letters and digits")
        if not all(abs(view.azimuth) <= 1e6 for view in self.views):
            raise SemantifyError("views have an azimuth that is no angle: give degrees")
        # one shard holds all its samples while it is rendered, and each shard is a file
        if self.shard_count > 100_000:
            raise SemantifyError(
                f"shard_size is {self.shard_size}: {self.samples} samples give too many files, give more"
            )
        if (self.sampler in GIVEN) != (self.coefficients_checksum is not None):
            raise SemantifyError(
                "coefficients_checksum goes together with sampler 'file' or 'population': give both or neither"
            )

    @classmethod
    def of(
        cls,
        model: MorphableModel,
        *,
        samples: int = 3000,
        seed: int = 0,
        sampler: str | None = None,
        k: float | None = None,
        views: Sequence[str] | None = None,
        image_format: str | None = None,
        look: str = "plain",
        blender_version: str = "",
        **others: Any,
    ) -> "DatasetSpec":
        """What to render of a model: None leaves a choice to the model and the look, `others` are further fields.

        views: as `View.parse` takes them. Raises SemantifyError for a value that cannot be rendered, a sampler that the
        model has no population for, a k where a population says how far shapes go, an outfit that the model lacks.
        """
        Clothes.of(model.metadata).worn(model.name, model.parts, others.get("outfit"))
        sampler = sampler or default_sampler(model)
        if sampler == POPULATION:
            if model.people is None:
                raise SemantifyError(f"model {model.name!r}: {NO_POPULATION}")
            if k is not None:
                raise SemantifyError(f"k is {k:g}: sampler 'population' goes as far as its members do; leave k out")
            others["coefficients_checksum"] = model.people.checksum
        return cls(
            model=model.name,
            model_checksum=model.checksum,
            samples=samples,
            seed=seed,
            sampler=sampler,
            k=default_k(model) if k is None else k,
            views=tuple(View.parse(text) for text in views or _views_of(model)),
            image_format=image_format or ("png" if look in POSED else "jpg"),
            look=look,
            blender_version=blender_version,
            **others,
        )

    @property
    def shard_count(self) -> int:
        """Number of shards of the whole dataset."""
        return -(-self.samples // self.shard_size)

    def shard_range(self, shard: int) -> range:
        """Sample numbers that shard holds. Raises SemantifyError when there is no such shard."""
        if not 0 <= shard < self.shard_count:
            raise SemantifyError(f"shard {shard} does not exist: the dataset has shards 0..{self.shard_count - 1}")
        return range(shard * self.shard_size, min((shard + 1) * self.shard_size, self.samples))

    def shard_path(self, folder: str | Path, shard: int) -> Path:
        """The file of a shard; it exists only when whole."""
        return shard_path(folder, shard)

    @cached_property
    def checksum(self) -> str:
        """Hex SHA-256 of all fields."""
        return _sum_of(asdict(self))

    @cached_property
    def sample_checksum(self) -> str:
        """The same of all that decides a sample: how many others there are does not. Each shard carries it."""
        return _sum_of({name: value for name, value in asdict(self).items() if name != "samples"})

    def write_shard(self, folder: str | Path, shard: int, samples: Iterable[Sample]) -> None:
        """Write a shard, see `core.files.shards.write_shard`. samples: those of `shard_range`, in order."""
        numbers = self.shard_range(shard)
        write_shard(self.shard_path(folder, shard), samples, numbers, self.sample_checksum, self.image_format)

    def read_shard(self, folder: str | Path, shard: int, most: int | None = None) -> Iterator[Sample]:
        """The checked samples of a shard, see `shards.read_shard`; a sample's views in the order of `views`.

        most: only the first so many.
        """
        views = [view.name for view in self.views]
        numbers = self.shard_range(shard)[:most]
        return read_shard(self.shard_path(folder, shard), numbers, self.sample_checksum, views, self.image_format)

    def shard_sums(self, folder: str | Path, shard: int) -> dict[int, str]:
        """Sample number -> checksum of all that a shard's file was made with, see `shards.read_sums`."""
        return read_sums(self.shard_path(folder, shard), self.shard_range(shard)[0], self.sample_checksum)

    def difference(self, other: "DatasetSpec") -> str:
        """The fields in which two specifications differ, as text "size 224 instead of 128, …"; empty when equal."""
        pairs = [(f.name, getattr(self, f.name), getattr(other, f.name)) for f in fields(self)]
        return ", ".join(
            f"{name} {_short(mine)} instead of {_short(theirs)}" for name, mine, theirs in pairs if mine != theirs
        )

    def save(self, folder: str | Path) -> None:
        """Write `dataset.json`."""
        write_json(Path(folder) / SPEC_FILE, {"schema": SCHEMA, **asdict(self)})

    @classmethod
    def load(cls, folder: str | Path) -> "DatasetSpec":
        """Read `dataset.json`. Raises FileFormatError naming the file and the field when anything is off."""
        path = Path(folder) / SPEC_FILE
        values = read_json(path, "give the folder of a rendered dataset")
        if values.pop("schema", None) != SCHEMA:
            raise FileFormatError(path, "schema", f"expected {SCHEMA!r}; choose a rendered dataset's folder")
        return cls(**_checked(path, values))


def shard_path(folder: str | Path, shard: int) -> Path:
    """The file of a shard of any dataset."""
    return Path(folder) / f"shard-{shard:06d}.tar"


def _views_of(model: MorphableModel) -> list[str]:
    """The views that a model asks for (metadata "views": a face is better seen at 45° than at 90°), or the paper's."""
    wanted = model.metadata.get("views")
    if isinstance(wanted, list) and wanted and all(isinstance(view, str) for view in wanted):
        return wanted
    return ["front", "side"]


def _sum_of(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _short(value: Any) -> str:
    if isinstance(value, tuple):
        return "+".join(view.name for view in value)
    return value[:12] if isinstance(value, str) else repr(value)


def _checked(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    known = {f.name: f for f in fields(DatasetSpec)}
    for name in values:
        if name not in known:
            raise FileFormatError(path, name[:60], "is not a field of this version; update this program")
    for name in known:
        if name not in values:
            raise FileFormatError(path, name, "missing")
    conform(path, values, _SCHEMA, "", "render the dataset again")
    check_name(path, "model", values["model"])
    for name in ("model_checksum", "blender_version"):
        check_text(path, name, values[name])
    try:
        values["views"] = tuple(View(view["name"], float(view["azimuth"])) for view in values["views"])
        DatasetSpec(**values)
    except SemantifyError as error:
        raise FileFormatError(path, str(error).split(" ")[0], str(error)) from error
    return values

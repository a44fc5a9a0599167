"""One look of a character, kept by word so that every mapper of the same subject can take it, and its file."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..colour import Colour
from ..descriptors import knows_family, same_word, subject_of
from ..errors import FileFormatError
from ..files import bounds
from ..files.json_text import decode_json
from ..files.names import MAXIMUM_NAME, check_name, check_text, check_words
from ..files.schema import conform
from ..files.writing import read_bytes, write_json
from ..foreign_errors import foreign_errors_told
from ..layer_names import EXPRESSION, FACE
from ..mapper import REACH

SCHEMA = "semantify.preset/1"
SUFFIX = ".json"
BODY = "body"
LAYERS = (BODY, FACE, EXPRESSION)
"""What of a character a preset may speak of."""
LONGEST_NAME = 48
"""Characters: in any script the file's name stays below what file systems take."""
_MAXIMUM_BYTES = 1 << 20
_WAY_OUT = "save the preset again"
_FIELDS = {
    "schema": str, "name": str, "subject": str, "sliders": {str: {str: float}},
    "mapper?": str, "keep_natural?": [str], "outfit?": str, "colours?": {str: [float]},
    "fit?": {str: {"model": str, "values": [float], "picture?": str}},
}  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """What a picture added to the sliders' shape of one layer.

    model: checksum of the morphable model whose coefficients these are. values: K of them, in full amount.
    picture: what the layer was fitted to, for people.
    """

    model: str
    values: tuple[float, ...]
    picture: str = ""


@dataclass(frozen=True)
class Preset:
    """A look by word.

    subject: what it was saved from, as `subject_named` says. sliders: layer -> word -> value in ±1.5; a word that is
    not there is at 0, a layer that is not there is left alone. mapper: of the first layer, for new characters.
    keep_natural: layers whose free sliders follow the others. outfit: empty where the model has none.
    colours: region -> sRGB 0..1. fits: layer -> what a picture added.
    """

    name: str
    subject: str
    sliders: dict[str, dict[str, float]]
    mapper: str = ""
    keep_natural: frozenset[str] = frozenset()
    outfit: str = ""
    colours: dict[str, Colour] = field(default_factory=dict)
    fits: dict[str, Fit] = field(default_factory=dict)

    def values(self, layer: str, words: tuple[str, ...]) -> list[float]:
        """The value of each of a mapper's words, 0 for those that the preset does not know."""
        known = {same_word(word): value for word, value in self.sliders.get(layer, {}).items()}
        return [known.get(same_word(word), 0.0) for word in words]

    def unknown(self, layer: str, words: tuple[str, ...]) -> list[str]:
        """Words of a layer that move something here, and that a mapper does not have."""
        theirs = {same_word(word) for word in words}
        return [word for word, value in self.sliders.get(layer, {}).items() if value and same_word(word) not in theirs]

    def save(self, path: str | Path) -> None:
        """Write the file, aside and renamed. Raises OutputError."""
        value: dict[str, Any] = {
            "schema": SCHEMA, "name": self.name, "subject": self.subject,
            "sliders": {
                layer: {word: _short(value) for word, value in words.items() if value}
                for layer, words in self.sliders.items()
            },
        }  # fmt: skip
        for name in ("mapper", "outfit"):
            if getattr(self, name):
                value[name] = getattr(self, name)
        if self.keep_natural:
            value["keep_natural"] = sorted(self.keep_natural)
        if self.colours:
            value["colours"] = {name: [_short(part) for part in colour] for name, colour in self.colours.items()}
        if self.fits:
            value["fit"] = {
                layer: {"model": fit.model, "values": [_short(value) for value in fit.values], "picture": fit.picture}
                for layer, fit in self.fits.items()
            }
        write_json(path, value)

    @classmethod
    def load(cls, path: str | Path, content: bytes | None = None) -> "Preset":
        """Read a preset. content: its bytes when they are at hand, the path is only a name for messages then.

        Raises FileFormatError naming the file and the field when anything is off.
        """
        data = read_bytes(path, _MAXIMUM_BYTES) if content is None else content
        with foreign_errors_told(path, "file", "is not readable JSON", _WAY_OUT):
            value = decode_json(data)
        if isinstance(value, dict) and value.get("schema") != SCHEMA:
            raise FileFormatError(path, "schema", f"expected {SCHEMA!r}: this file is no preset")
        conform(path, value, _FIELDS, "", _WAY_OUT)
        check_preset_name(path, value["name"])
        for name in ("subject", "mapper", "outfit"):
            if name in value:
                check_name(path, name, value[name])
        for name in ("sliders", "fit"):
            _check_layers(path, name, list(value.get(name, ())))
        _check_layers(path, "keep_natural", value.get("keep_natural", []))
        if not value["sliders"]:
            raise FileFormatError(path, "sliders", f"expected one of {', '.join(LAYERS)} at least; {_WAY_OUT}")
        for layer, words in value["sliders"].items():
            _check_sliders(path, f"sliders.{layer}", words)
        return cls(
            name=value["name"],
            subject=value["subject"],
            sliders={layer: dict(value["sliders"][layer]) for layer in LAYERS if layer in value["sliders"]},
            mapper=value.get("mapper", ""),
            keep_natural=frozenset(value.get("keep_natural", ())),
            outfit=value.get("outfit", ""),
            colours=_colours(path, value.get("colours", {})),
            fits={layer: _fit(path, f"fit.{layer}", fit) for layer, fit in value.get("fit", {}).items()},
        )


def subject_named(family: str, model_name: str) -> str:
    """What a model shows: "person", "animal", or its own family, or its name, where nobody knows that.

    family: empty where only the name is known, as of a mesh with shape keys of its own.
    """
    if knows_family(family):
        return "animal" if subject_of(family) == "animal" else "person"
    return family or model_name


def check_preset_name(path: object, name: Any) -> str:
    """The name of a preset. Raises FileFormatError unless it can be a file's name on any system."""
    check_name(path, "name", name)
    if len(name) > LONGEST_NAME:
        raise FileFormatError(path, "name", f"is {name[:60]!r}: expected {LONGEST_NAME} characters at most")
    return str(name)


def _check_layers(path: object, field_name: str, layers: list[str]) -> None:
    """Raise FileFormatError unless all of them are layers, each there once."""
    for layer in layers:
        if layer not in LAYERS:
            raise FileFormatError(path, field_name, f"has {layer[:60]!r}: expected {', '.join(LAYERS)}")
    if len(set(layers)) < len(layers):
        raise FileFormatError(path, field_name, "has the same entry twice")


def _check_sliders(path: object, field_name: str, words: dict[str, float]) -> None:
    if not words:  # a layer at rest
        return
    check_words(path, field_name, list(words), bounds.DESCRIPTORS)
    if len({same_word(word) for word in words}) < len(words):
        raise FileFormatError(path, field_name, "has the same word twice, but for capitals and blanks")
    for word, value in words.items():
        if abs(value) > REACH:
            raise FileFormatError(path, f"{field_name}.{word[:60]}", f"is {value:.3g}: expected −{REACH} to {REACH}")


def _colours(path: object, value: dict[str, list[float]]) -> dict[str, Colour]:
    if len(value) > bounds.REGIONS:
        raise FileFormatError(path, "colours", f"has {len(value)} entries, expected {bounds.REGIONS} at most")
    found: dict[str, Colour] = {}
    for region, colour in value.items():
        check_name(path, "colours", region)
        if len(colour) != 3 or not all(0.0 <= part <= 1.0 for part in colour):
            raise FileFormatError(path, f"colours.{region[:60]}", "expected red, green and blue from 0 to 1")
        red, green, blue = (float(part) for part in colour)
        found[region] = (red, green, blue)
    return found


def _fit(path: object, field_name: str, value: dict[str, Any]) -> Fit:
    values = value["values"]
    if not 0 < len(values) <= bounds.COMPONENTS:
        raise FileFormatError(
            path, f"{field_name}.values", f"has {len(values)} entries, expected 1 to {bounds.COMPONENTS}"
        )
    if any(abs(number) > bounds.LARGEST_COEFFICIENT for number in values):
        raise FileFormatError(path, f"{field_name}.values", f"expected numbers within ±{bounds.LARGEST_COEFFICIENT:g}")
    check_name(path, f"{field_name}.model", value["model"])
    picture = check_text(path, f"{field_name}.picture", value.get("picture", ""), MAXIMUM_NAME)
    return Fit(value["model"], tuple(map(float, values)), picture)


def _short(value: float) -> float:
    return round(float(value), 5)

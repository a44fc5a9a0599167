"""Which parts of a model are worn together: its outfits, as its metadata `clothes` names them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import FileFormatError, SemantifyError
from ..files import bounds
from ..files.names import check_words
from ..files.schema import conform

_FORM = {"default": str, "outfits": {str: [str]}}


@dataclass(frozen=True)
class Clothes:
    """Outfits by name, each a list of parts. Parts that are in none of them (teeth, gums, lashes) are always there.

    default: the outfit that is worn when nobody chose.
    """

    default: str = ""
    outfits: Mapping[str, tuple[str, ...]] | None = None

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> "Clothes":
        """Those of a model's metadata; a model without outfits has all its parts on."""
        found = metadata.get("clothes")
        if not found:
            return cls()
        return cls(found["default"], {name: tuple(parts) for name, parts in found["outfits"].items()})

    @property
    def names(self) -> tuple[str, ...]:
        """The outfits to choose from."""
        return tuple(self.outfits or ())

    def worn(self, model: str, parts: Iterable[str], outfit: str | None = None) -> list[str]:
        """The parts that an outfit shows, in their own order. model: its name. outfit: None for the default.

        Raises SemantifyError for an outfit that is not there.
        """
        if outfit is not None and outfit not in self.names:
            choice = f"choose from {', '.join(self.names)}" if self.names else "it has none to choose from"
            raise SemantifyError(f"model {model!r} has no outfit {outfit!r}; {choice}")
        outfits = self.outfits or {}
        garments = {part for worn in outfits.values() for part in worn}
        chosen = outfits.get(self.default if outfit is None else outfit, ())
        return [part for part in parts if part not in garments or part in chosen]


def check_clothes(path: object, metadata: Mapping[str, Any], parts: Iterable[str]) -> None:
    """Raise FileFormatError unless metadata `clothes`, where there is one, names outfits of these parts."""
    if "clothes" not in metadata:
        return
    found, known = metadata["clothes"], set(parts)
    conform(path, found, _FORM, "metadata.clothes", "make the model again")
    check_words(path, "metadata.clothes.outfits", tuple(found["outfits"]), bounds.OUTFITS)
    for name, worn in found["outfits"].items():
        strange = set(worn) - known
        if strange:
            part = sorted(strange)[0][:60]
            raise FileFormatError(path, f"metadata.clothes.outfits.{name}", f"names {part!r}, which is no part")
    if found["default"] not in found["outfits"]:
        raise FileFormatError(path, "metadata.clothes.default", "is none of the outfits")

"""What a processor is called on the command line: cpu, or a kind of graphics card and which of them."""

import re
from dataclasses import dataclass

from .errors import SemantifyError

KINDS = {
    "cpu": (),
    "gpu": ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL"),
    "cuda": ("OPTIX", "CUDA"),
    "optix": ("OPTIX",),
    "hip": ("HIP",),
    "oneapi": ("ONEAPI",),
    "metal": ("METAL",),
}
"""Name -> what Cycles calls it, the fastest first."""
_TORCH = {"cpu": "cpu", "gpu": "cuda", "cuda": "cuda", "optix": "cuda", "hip": "cuda"}
"""torch calls AMD's cards cuda, too."""


@dataclass(frozen=True)
class Device:
    """A processor. number: which of the machine's cards of this kind, from 0; None for all of them."""

    kind: str
    number: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Device":
        """Read "cpu", "cuda", "cuda:1", "optix:0", or a card's bare number. Raises SemantifyError for anything else.

        >>> Device.parse("cuda:1"), Device.parse("2").text
        (Device(kind='cuda', number=1), 'gpu:2')
        """
        kind, _, number = f"gpu:{text}".partition(":") if text.isdecimal() else text.lower().partition(":")
        whole = re.fullmatch(r"\d{1,3}", number)
        if kind not in KINDS or (":" in text and not whole) or (kind == "cpu" and number):
            raise SemantifyError(f"device {text[:40]!r}: give one of {', '.join(KINDS)}, or with a number, as cuda:1")
        return cls(kind, int(number) if whole else None)

    @property
    def text(self) -> str:
        """What `parse` reads."""
        return self.kind if self.number is None else f"{self.kind}:{self.number}"

    @property
    def torch(self) -> str:
        """What torch calls it. Raises SemantifyError for cards that it is not used with here."""
        if self.kind not in _TORCH:
            raise SemantifyError(f"device {self.text!r} cannot encode pictures here: give cuda, or cpu")
        name = _TORCH[self.kind]
        return name if self.number is None else f"{name}:{self.number}"

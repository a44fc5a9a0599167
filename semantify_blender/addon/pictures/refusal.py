"""A picture that was refused: what the panel says of it, and what it takes to fit to it after all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...core.errors import SemantifyError

if TYPE_CHECKING:
    from ...core.pictures.picture import Box
    from .shot import Shot


@dataclass(frozen=True)
class Refusal:
    """text: one sentence. shots: all pictures of that fit. shot: the one that was refused. face: around the face in it,
    in pixels as Blender shows it, where that is another subject than the mapper's. head: the mapper shapes heads.
    options: of the operator that was refused."""

    text: str
    shots: tuple[Shot, ...]
    shot: Shot
    face: Box | None = None
    head: bool = False
    options: dict[str, Any] = field(default_factory=dict)


class RefusedError(SemantifyError):
    """A fit that was refused, with its `Refusal`; nothing was changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.refusal = refusal

"""Which encoder and fitter look at pictures for a mapper: told by checksums, never by names, for panel and command."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError, SemantifyError
from ..finders.subjects import HEAD, finder_for, kind_of
from ..library import SUFFIXES, folders
from ..mapper import Mapper
from ..model.morphable_model import MorphableModel
from ..pictures.crop import Cut, cut_figure
from ..pictures.picture import Box, Picture
from .encoder import Encoder
from .fit import Fit, clip_of, fit_pictures, language_of, texts_for
from .fitter import Fitter
from .image_encoder import ImageEncoder
from .known import Known


class Shelf:
    """Encoder and fitter files, each read once. Those that cannot be read are left out, and told by `problems`."""

    def __init__(self, own: Sequence[Path] = ()) -> None:
        """own: folders that come before those of core.library; the files lie in them or in encoders/ and fitters/."""
        self._own = tuple(own)
        self.problems: dict[Path, str] = {}

    def encoders(self, first: str = "") -> Iterator[ImageEncoder]:
        """All of them. first: name of a file to begin with, which spares reading others."""
        return self._all("encoders", ImageEncoder.load, first)

    def fitters(self, model: MorphableModel) -> Iterator[Fitter]:
        """Those that were trained for this very model."""
        found = self._all("fitters", Fitter.load, model.name)
        return (fitter for fitter in found if fitter.model_checksum == model.checksum)

    def _all(self, kind: str, load: Callable[[Path], Any], first: str) -> Iterator[Any]:
        places = [place for folder in self._own for place in (folder, folder / kind)] + folders(kind)
        paths = [path for place in places for path in sorted(place.glob(f"*{SUFFIXES[kind]}"))]
        paths.sort(key=lambda path: path.name != f"{first}{SUFFIXES[kind]}")
        for path in dict.fromkeys(paths):
            try:
                yield _read_once(path, load)
            except (FileFormatError, OSError) as error:
                self.problems[path] = str(error)


_files: dict[Path, tuple[int, Any]] = {}


def _read_once(path: Path, load: Callable[[Path], Any]) -> Any:
    """A file's content, kept until the file changes."""
    stamp = path.stat().st_mtime_ns
    if path not in _files or _files[path][0] != stamp:
        _files[path] = (stamp, load(path))
    return _files[path][1]


def forget() -> None:
    """Drop the files that were read."""
    _files.clear()


@dataclass(frozen=True, eq=False)
class Tools:
    """What one subject or thousands are fitted with. fitter: None takes the paper's way, the scores of the words.

    notes: sentences for the user, such as a file that could not be read. only_scores: the paper's way was asked for, so
    that the points of a face say nothing; they do where there is no fitter.
    """

    model: MorphableModel
    mapper: Mapper
    encoder: Encoder
    fitter: Fitter | None
    notes: tuple[str, ...] = ()
    only_scores: bool = False

    def cut(self, picture: Picture, box: Box | None = None, force: bool = False, landmarks: bool = False) -> Cut:
        """The square that the encoder looks at. box: the user's crop. force: also of a picture that does not show the
        subject. landmarks: read joints off a figure that is cut out already, too; faces always are.

        Raises SemantifyError as `cut_figure` does.
        """
        wanted = landmarks or kind_of(self.model) == HEAD
        return cut_figure(picture, self.encoder.size, box, finder_for(self.model), force, wanted)

    def fit(
        self,
        cuts: Sequence[Cut],
        known: Known = Known(),  # noqa: B008 - frozen
        locked: np.ndarray | None = None,
        sliders: np.ndarray | None = None,
    ) -> Fit:
        """One subject's shape from its cuts; see `fit_pictures`."""
        if self.only_scores:
            cuts = [replace(cut, face=None) for cut in cuts]
        return fit_pictures(cuts, self.encoder, self.fitter, self.mapper, self.model, known, locked, sliders)


def choose(
    mapper: Mapper,
    model: MorphableModel,
    shelf: Shelf,
    full: Encoder | None = None,
    only_full: bool = False,
    scores: bool = False,
    advice: str = "give the CLIP that it was trained with",
) -> Tools:
    """The encoder and fitter for a mapper.

    full: a whole CLIP that the user asked for, started; taken where it serves. only_full: nothing else will do.
    scores: no fitter, the paper's way. An encoder serves with a fitter that was trained for this model and on it, or
    when it speaks the language of the CLIP that the mapper was trained with, whose scores the mapper then takes.
    Raises SemantifyError when none serves: it says which CLIP is needed, and ends with the caller's advice.
    """
    mapper.check_model(model)

    def fitters() -> Iterator[Fitter]:
        return iter(()) if scores else shelf.fitters(model)

    found: tuple[Encoder, Fitter | None] | None = None
    if full is not None:
        own = next((fitter for fitter in fitters() if fitter.encoder_checksum == full.checksum), None)
        found = (full, own) if own is not None else _by_scores([full], mapper)
    if found is None and not only_full:
        found = next(((one, fitter) for fitter in fitters() for one in _trained_on(fitter, shelf)), None)
        found = found or _by_scores(shelf.encoders(), mapper)
    if found is not None:
        notes = tuple(f"left out: {text}" for text in shelf.problems.values())
        return Tools(model, mapper, *found, notes, only_scores=scores)
    if only_full and _embedded_serves(mapper, model, shelf, scores):
        advice = "give --clip small"
    other = f"{full.name!r}" if full is not None else "the embedded encoders"
    raise SemantifyError(
        f"this mapper was trained with {clip_of(mapper)}, whose scores {other} cannot give, and no fitter of model "
        f"{model.name!r} reads {'it' if full is not None else 'them'}: {advice}"
    )


def full_may_serve(mapper: Mapper, model: MorphableModel, shelf: Shelf) -> bool:
    """Whether it is worth starting a whole CLIP: the mapper, or a fitter of its model, was trained with one."""
    embedded = {one.checksum: one.clip_checksum for one in shelf.encoders()}
    return language_of(mapper) not in embedded.values() or any(
        fitter.encoder_checksum not in embedded for fitter in shelf.fitters(model)
    )


def _by_scores(encoders: Iterable[Encoder], mapper: Mapper) -> tuple[Encoder, None] | None:
    """The first encoder that can give the mapper the scores of its words."""
    for one in encoders:
        if one.clip_checksum == language_of(mapper):
            texts_for(mapper, one, mapper.descriptors)  # before anything is looked at: it may not know the words
            return one, None
    return None


def _trained_on(fitter: Fitter, shelf: Shelf) -> Iterator[ImageEncoder]:
    """The embedded encoder that a fitter reads."""
    return (one for one in shelf.encoders(fitter.encoder_name) if one.checksum == fitter.encoder_checksum)


def _embedded_serves(mapper: Mapper, model: MorphableModel, shelf: Shelf, scores: bool) -> bool:
    try:
        choose(mapper, model, shelf, scores=scores)
    except SemantifyError:
        return False
    return True

"""All that the add-on remembers while Blender runs and no file keeps: one object, `memory`. No other module stores."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import bpy

if TYPE_CHECKING:
    import numpy as np

    from ..core.describe.by_clip import Known, Words
    from ..core.mapper import Mapper
    from ..core.model.grounded import Grounded
    from ..core.model.head_on_body import HeadOnBody
    from ..core.model.morphable_model import MorphableModel
    from ..core.model.skeleton import Skeleton
    from ..core.model.span import Span
    from ..core.presets.history import History
    from ..core.presets.shelf import Entry
    from ..processes.clip_worker import Worker


class Running(Protocol):
    """What the panel shows with its progress and a Cancel: a child process (`jobs.Job`), a full CLIP that starts.

    fraction: 0..1 done. text: what it is doing. error: one sentence once it has failed.
    """

    title: str
    text: str
    fraction: float
    error: str
    cancelled: bool

    @property
    def done(self) -> bool:
        """True once it has ended."""

    @property
    def log(self) -> Path | None:
        """File of what it said, if it said anything."""

    def poll(self) -> bool:
        """Take in what happened; False once it has ended."""

    def cancel(self) -> None:
        """End it now; nothing is left when this returns."""


@dataclass(frozen=True, eq=False)
class Meant:
    """What was described last, and what its unknown words may mean.

    text: what was written. words: unknown word -> what it may mean. before, after: slider values of each layer, by the
    mesh's session_uid, as they were and as they became.
    """

    text: str
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    before: dict[int, dict[str, list[float]]] = field(default_factory=dict)
    after: dict[int, dict[str, list[float]]] = field(default_factory=dict)


@dataclass(eq=False, repr=False)
class Memory:
    """What belongs to this session of Blender. Everything in it can be lost: it is found, read or made again."""

    # the list of mappers (catalogue.py)
    opened: dict[str, Path] = field(default_factory=dict)
    """Mapper files that the user opened, by name: they are in no folder that is looked into."""
    located_models: list[Path] = field(default_factory=list)
    """Model files that the user showed: they are not where their mapper says."""
    mappers: dict[str, Path] | None = None
    """The list itself, so that drawing the panel reads no disk; None: look again."""
    mapper_numbers: dict[str, int] = field(default_factory=dict)
    """Blender stores the number of the chosen one: a name keeps its number when the list grows."""
    mapper_items: list[tuple[str, str, str, int]] = field(default_factory=list)
    """The list as Blender draws it. Blender keeps no reference to the texts of a dynamic list, so this must."""
    offered: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """Names of the mappers that a body may be given as a layer, by the checksum of its model's file."""
    mapper_problems: dict[str, str | None] = field(default_factory=dict)
    """Why no character can be made from one of the list, as that is asked at every draw."""

    # presets (presets.py)
    presets: list[Entry] | None = None
    """All that there are, so that drawing their pictures reads no disk; None: look again."""
    preset_troubles: list[str] = field(default_factory=list)
    """Files beside them that are no presets, a sentence each."""
    preset_pictures: Any = None
    """Blender's collection of their pictures; it must be given back."""
    preset: str = ""
    """Name of the one that was loaded or saved last."""
    histories: dict[int, History] = field(default_factory=dict)
    """The looks that a character had, by the mesh's session_uid."""

    # characters (character/)
    decoded: dict[str, Mapper] = field(default_factory=dict)
    """Mappers by their checksum, so that a slider's change decodes nothing. Their bytes tell them apart: any file's."""
    undecodable: dict[str, str] = field(default_factory=dict)
    """Why a mapper or a model cannot be had, by its file's checksum: not every draw and frame searches the disk."""
    failures: dict[int, str] = field(default_factory=dict)
    """What went wrong with a character, by the mesh's session_uid: told once, shown in its panel."""
    grounded: dict[str, Grounded] = field(default_factory=dict)
    """Models as characters stand, by their file's checksum, so that a slider's change decodes nothing."""
    whole_models: dict[str, MorphableModel] = field(default_factory=dict)
    """The same models with parts and paint, by their file's checksum: `models` knows bodies alone."""
    skeletons: dict[tuple[str, str], Skeleton | None] = field(default_factory=dict)
    """Bones of the models, by their file's checksum and the kind of rig; None for one that has none."""
    in_handler: bool = False
    """Whether Blender runs one of our handlers, in which no mode may be changed."""
    carrying: bool = False
    """Whether a slider is written that goes along with another character's, of the same word at another place."""
    stand_ins: set[str] = field(default_factory=set)
    """Checksums of files that are nowhere, and for which one of the same body stands in: its parts may be others."""
    face_regions: dict[tuple[str, str], tuple[list[str], np.ndarray]] = field(default_factory=dict)
    """Regions that have materials, and which of them each face (F,) shows, by a model's file and the outfit."""
    spans: dict[int, tuple[Grounded, np.ndarray, Span, tuple[np.ndarray, np.ndarray]]] = field(default_factory=dict)
    """A mesh's model, what its vertices say of their rows (V,), the shapes that follow, and which vertices are copies
    (n,), and where they were (n, 3), by session_uid."""
    heads: dict[tuple[str, str], HeadOnBody] = field(default_factory=dict)
    """What a face or expression moves of a body, by the checksums of the body's and the head's file."""
    head_spans: dict[tuple[int, str], tuple[HeadOnBody, np.ndarray, Span]] = field(default_factory=dict)
    """The same on a mesh, by session_uid and layer: what it follows from, and the shapes."""
    asked: dict[tuple[int, str], tuple[Mapper, np.ndarray, np.ndarray | None, np.ndarray]] = field(default_factory=dict)
    """A layer's mapper, the last scores (d,) and offset, and the coefficients (K,) that followed, by session_uid and
    layer: while one layer's slider is dragged the others need no network."""
    added: dict[tuple[int, str], tuple[Span, np.ndarray, np.ndarray]] = field(default_factory=dict)
    """A layer's shapes, the last coefficients (K,) and what they add (V, 3), by session_uid and layer."""
    early: dict[int, dict[str, np.ndarray]] = field(default_factory=dict)
    """Slider values (d,) of each layer that the shape was made of before the frame was evaluated, by session_uid."""
    described: dict[int, tuple[str, str]] = field(default_factory=dict)
    """What the last description did, and what of it could not be done, a line each, by the mesh's session_uid."""
    not_described: str = ""
    """Why the last description did nothing, one sentence."""
    meant: Meant | None = None
    """What the last description's unknown words may mean, and what it was said of."""
    known_texts: dict[tuple[str, Words], Known] = field(default_factory=dict)
    """Embeddings of the words of mappers, by the checksum of the full CLIP that made them and these words."""
    filling_in: bool = False
    """Whether the text field is written by the add-on, which is no wish of anybody's."""
    edited: set[int] = field(default_factory=set)
    """Meshes, by session_uid, that were shaped while in Edit Mode, which forgets it: they are shaped again after."""

    # both
    models: dict[str, MorphableModel] = field(default_factory=dict)
    """Models that were embedded or fitted, by their checksum: only the first use reads the file."""

    # pictures (pictures/)
    previews: Any = None
    """Blender's collection of the crops that were looked at; it must be given back."""
    swatches: Any = None
    """Blender's collection of plain colours for buttons; it must be given back."""
    refusal: Any = None
    """Why the last pictures were not fitted to (`Refusal`): the panel says so, and offers what may be done about it."""
    crop_drawn: tuple[float, float, float, float] | None = None
    """Left, top, right, bottom in pixels of the box that is being dragged, which no image has yet."""
    heat_handler: object | None = None
    """What draws where a word acts in 3D viewports; it must be taken away again."""
    crop_handler: object | None = None
    """What draws crop boxes in the Image Editor; it must be taken away again."""

    # other programs (jobs.py, pictures/full_clip.py, pictures/environment.py)
    job: Running | None = None
    """What runs, or ran last: its progress, or the way to its log, is in the panel. One at a time."""
    worker: Worker | None = None
    """The full CLIP's process: it takes seconds to start, so it stays warm from fit to fit."""
    worker_key: tuple[str, str, bool] | None = None
    """What it was started for: Python, CLIP, online or not. Another wish needs another worker."""
    environment_makers: dict[str, bool] = field(default_factory=dict)
    """Whether a Python can make environments, by program: asking starts it."""
    sound_pythons: set[str] = field(default_factory=set)
    """Programs that have torch and open_clip: asking takes seconds."""

    # own words (own_words/)
    trained: dict[str, Any] | None = None
    """What the last training of this session told at its end."""
    unfinished: dict[str, str] | None = None
    """Folders of trainings that were left unfinished -> names of their mappers; None: look again."""

    # file browsers (operators/file_browser.py)
    last_folder: Path | None = None
    """Where a mapper or model was chosen or written last: the next browser starts there."""

    def forget_undone(self) -> None:
        """Undo and redo: meshes and Texts may be other ones than they were."""
        self.asked.clear()
        self.added.clear()
        self.early.clear()
        self.edited.clear()
        self.described.clear()
        self.not_described, self.meant = "", None
        self.undecodable.clear()
        for content in list(self.stand_ins):
            self.forget_stand_in(content)

    def forget_stand_in(self, content: str) -> None:
        """The model's own file is here, or may be: all that was made of what stood in for it is made again."""
        self.stand_ins.discard(content)
        self.grounded.pop(content, None)
        self.whole_models.pop(content, None)
        for kept in (self.face_regions, self.heads, self.skeletons):
            for key in [key for key in kept if content in key]:
                del kept[key]

    def forget_file(self) -> None:
        """Another file was opened: its meshes got new session_uids, and mappers may have come with it or be beside it.

        What the user opened and located, and what is known by its content, serves every file.
        """
        self.forget_undone()
        self.spans.clear()
        self.head_spans.clear()
        self.failures.clear()
        self.histories.clear()
        self.refusal = None
        self.look_again()

    def look_again(self) -> None:
        """Have the disk looked at when the list of mappers is needed next."""
        self.mappers = None
        self.presets = None
        self.mapper_problems.clear()
        self.offered.clear()

    def end_job(self) -> None:
        """Cancel what runs, if anything does."""
        if self.job is not None:
            self.job.cancel()

    def close_worker(self) -> None:
        """End the full CLIP's process, if there is one."""
        worker, self.worker, self.worker_key = self.worker, None, None
        if worker is not None:
            worker.close()

    def end_children(self) -> None:
        """End all other programs: Blender quits."""
        with ExitStack() as stack:
            stack.callback(self.close_worker)
            stack.callback(self.end_job)

    def clear(self) -> None:
        """Forget all, and free what has to be freed: the add-on is switched off. What fails does not keep the rest."""
        with ExitStack() as stack:
            # last in, first out
            stack.callback(lambda: vars(self).update(vars(Memory())))
            stack.callback(self._free_previews)
            stack.callback(self._free_crop_handler)
            stack.callback(self._free_heat_handler)
            stack.callback(self.end_children)

    def _free_previews(self) -> None:
        import bpy.utils.previews

        for collection in (self.previews, self.swatches, self.preset_pictures):
            if collection is not None:
                bpy.utils.previews.remove(collection)

    def _free_heat_handler(self) -> None:
        if self.heat_handler is not None:
            bpy.types.SpaceView3D.draw_handler_remove(self.heat_handler, "WINDOW")

    def _free_crop_handler(self) -> None:
        if self.crop_handler is not None:
            bpy.types.SpaceImageEditor.draw_handler_remove(self.crop_handler, "WINDOW")


memory = Memory()

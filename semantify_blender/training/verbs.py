"""The steps of the training line on rendered datasets, for Python and for the command line: each is a verb of both.

Datasets and files are given by their paths or already opened. `steps` has the work itself.
"""

from collections.abc import Sequence
from pathlib import Path

from ..core.clip_names import SMALL, SMALL_NAMES
from ..core.dataset import Dataset
from ..core.descriptors import subject_of
from ..core.files.writing import check_writable
from ..core.library import find
from ..core.mapper import SUFFIX, Mapper
from . import steps
from .evaluation.step import FIGURES, INFLUENCE, SHEET, draw_pictures
from .evaluation.step import evaluate as evaluate_mapper
from .evaluation.sweeps import STEPS
from .mapper.curves import check_tensorboard
from .mapper.recipe import DEFAULT, Recipe
from .reports.report import write_report
from .reports.result_files import chosen_words
from .reports.viewer import Tried
from .result import PicturesMissing, Result
from .scoring.clip import Clip, caution, load_clip
from .scoring.embeddings import Embeddings
from .scoring.scores import BARE_WORD, Scores
from .scoring.words import named_once, words_to_score
from .selection.selection import Selection, SelectionOptions
from .steps import open_source
from .telling import Tell, Teller

SCORES, SELECTION = "scores.npz", "selection.json"
"""Where a dataset's folder keeps what was made of it, unless another place is named."""
Rendered = Dataset | str | Path
"""A dataset, or its folder."""


def encode(
    dataset: Rendered,
    *,
    model: str | Path | None = None,
    clip: str = SMALL,
    device: str | None = None,
    batch: int | None = None,
    devices: Sequence[str] = (),
    progress: Tell | None = None,
) -> Embeddings:
    """Embed a dataset's pictures with CLIP, once: what is there is read. Arguments as in `score_words`.

    devices: processors to share the work among, such as ["0", "1"]; none for all graphics cards, unless `device` is
    one of them.
    """
    teller = Teller(progress)
    encoder = _clip_for(dataset, model, clip, device, batch, teller)
    return steps.encode(_opened(dataset), encoder, teller, devices)


def score_words(
    dataset: Rendered,
    words: Sequence[str] = (),
    *,
    vocabulary: str | None = None,
    templates: Sequence[str] = (BARE_WORD,),
    model: str | Path | None = None,
    clip: str = SMALL,
    device: str | None = None,
    batch: int | None = None,
    out: str | Path | None = None,
    progress: Tell | None = None,
) -> Scores:
    """Score a dataset for words; only text is encoded where its pictures were embedded before.

    words: descriptors, "@FILE" among them for a file with one a line; none: those of `vocabulary` ("body", "animal",
    "face-shape", "face-expression"), else those of the model's family. templates: prompts with {} for the word; several
    are averaged. model: name or path, where the dataset's own is not found. clip: "small" (embedded, knows a stated
    vocabulary), NAME:TAG of open_clip, NAME:FILE, local-dir:FOLDER, or a package's scorer. device: "cpu", "cuda", None
    for CUDA when there. batch: pictures encoded at once. out: also write them there; told before the work when it
    cannot be.
    Returns (N, d) scores Ω = 100·cos, mean over the views. Raises SemantifyError for words that the CLIP does not know
    and for a CLIP, dataset or model that cannot be had.

    >>> score_words("out/mine/dataset", ["tall", "short", "fat"]).values.shape
    (16, 3)
    """
    teller = Teller(progress)
    encoder = _clip_for(dataset, model, clip, device, batch, teller, vocabulary)
    source = open_source(dataset, model)
    wanted = words_to_score(words, vocabulary, source.model, encoder)
    if doubt := caution(encoder.name, str(source.model.metadata.get("family", ""))):
        teller.note(doubt)
    if out is not None:
        check_writable(out)
    scores = steps.score(source.dataset, encoder, wanted, teller, templates)
    if out is not None:
        scores.save(out)
    return scores


def select_descriptors(
    dataset: Rendered,
    scores: Scores | str | Path | None = None,
    options: SelectionOptions = SelectionOptions(),  # noqa: B008 - frozen
    *,
    model: str | Path | None = None,
    clip: str = SMALL,
    device: str | None = None,
    batch: int | None = None,
    out: str | Path | None = None,
    progress: Tell | None = None,
) -> Selection:
    """Choose descriptors among the scored words (paper section 3.3).

    scores: of this dataset, or their file (default: `scores.npz` in it). out: also write it there, as JSON. The rest as
    in `score_words`; the CLIP gives the embeddings that are clustered.
    Returns the selection: `chosen`, and in `decisions` why each word was taken or not. Raises SemantifyError when no
    word follows the shape, and for scores of other pictures.

    >>> scores = Scores.load("out/mine/scores.npz")
    >>> select_descriptors("out/mine/dataset", scores, SelectionOptions(preset=("fat",), count=1)).chosen
    ('fat',)
    """
    teller = Teller(progress)
    encoder = _clip_for(dataset, model, clip, device, batch, teller)
    opened = _opened(dataset)
    table = _scores(opened, scores)
    if out is not None:
        check_writable(out)
    selection = steps.select(opened, steps.encode(opened, encoder, teller), table, options)
    if out is not None:
        steps.save_selection(selection, out)
    return selection


def fit_mapper(
    dataset: Rendered,
    scores: Scores | str | Path | None = None,
    descriptors: Selection | Sequence[str] | Path | None = None,
    *,
    model: str | Path | None = None,
    recipe: Recipe = DEFAULT,
    compare: bool = False,
    out: str | Path | None = None,
    tensorboard: str | Path | None = None,
    progress: Tell | None = None,
) -> Mapper:
    """Train a mapper M: Ω → ξ from scores to coefficients (paper section 3.4).

    scores: of this dataset, or their file (default: `scores.npz` in it). descriptors: the sliders' words, a selection,
    or its file (default: `selection.json` in the dataset). compare: also train without the cycle term, and keep how the
    fits relate. out: also write it there, NAME.mapper.npz, and how the training went beside it, NAME.training.csv.
    tensorboard: a folder to log the training to, for that program. model: name or path, where the dataset's own is not
    found. The same inputs give the same mapper on the same machine. Raises SemantifyError for words that were not
    scored, scores of other pictures, and too few samples.

    >>> scores = Scores.load("out/mine/scores.npz")
    >>> mapper = fit_mapper("out/mine/dataset", scores, ["tall", "fat"], recipe=Recipe(epochs=2))
    >>> mapper.descriptors, mapper.component_count
    (('tall', 'fat'), 40)
    """
    teller = Teller(progress)
    source = open_source(dataset, model)
    table = _scores(source.dataset, scores)
    words = _descriptors(source.dataset, descriptors, teller)
    if out is not None:
        check_writable(out)
    if tensorboard is not None:
        check_tensorboard()
    curves = None if out is None else curves_path(Path(out))
    log = None if tensorboard is None else Path(tensorboard)
    mapper = steps.train(source, table, words, recipe, teller, compare, curves, log)
    if out is not None:
        mapper.save(out)
    return mapper


def evaluate(
    mapper: str | Path,
    dataset: Rendered,
    out: str | Path,
    *,
    model: str | Path | None = None,
    clip: str = SMALL,
    device: str | None = None,
    batch: int | None = None,
    rendered: bool = True,
    sweep_steps: int = STEPS,
    picture_width: int | None = None,
    picture_samples: int | None = None,
    blender: str | None = None,
    save: bool = True,
    selection: str | Path | None = None,
    scores: str | Path | None = None,
    progress: Tell | None = None,
) -> Result:
    """Measure a mapper: fit, coverage, overlap, reach, slider fidelity, cross-talk; write figures, pictures and report.

    mapper: name or path; `save` puts the main figures into its file. out: folder for all that is written.
    clip: as in `score_words`; "small" is the one that the mapper was trained with. rendered: False leaves out what
    needs Blender (slider fidelity, cross-talk, pictures). sweep_steps: of each slider's sweep. picture_width: pixels,
    picture_samples: per pixel; None for the verbs' own. blender: the program (default: $BLENDER, else the bpy wheel).
    selection, scores: files that explain in the report how the words were chosen.
    Raises SemantifyError when mapper, dataset, model and CLIP do not belong together; PicturesMissing, which has the
    result, when all is there but a picture.

    >>> mapper = "out/mine/anny-body-neutral.mapper.npz"
    >>> result = evaluate(mapper, "out/mine/dataset", "out/again", rendered=False, save=False)
    >>> 0 <= result.figures["coverage"]["coverage"] <= 1, result.files["report"].name
    (True, 'report.html')
    """
    teller, folder = Teller(progress), Path(out)
    path = find("mappers", mapper)
    source = open_source(dataset, model)
    check_writable(folder / FIGURES)
    encoder = _clip_for(dataset, model, clip, device, batch, teller, trained_with=Mapper.load(path))
    figures = evaluate_mapper(path, source, encoder, folder, teller, rendered, sweep_steps, blender, save, device)
    failures = []
    if rendered:
        wanted = pictures_wanted(picture_width, picture_samples)
        failures = draw_pictures(path, source, folder, teller, blender, device=device, **wanted)
    tried = Tried(Mapper.load(path), source.model)
    report = write_report(folder, source.dataset, selection, scores, tried=tried)
    places = {"mapper": path, "slider sheet": folder / SHEET, "influence": folder / INFLUENCE, "report": report}
    result = Result(figures, {name: path for name, path in places.items() if path.exists()}, source.model)
    if failures:
        raise PicturesMissing(f"{'; '.join(failures)}; the figures and the report are in {out}", result)
    return result


def curves_path(mapper: Path) -> Path:
    """Where the training of a mapper is written: NAME.training.csv beside NAME.mapper.npz."""
    return mapper.with_name(mapper.name.removesuffix(SUFFIX) + ".training.csv")


def pictures_wanted(width: int | None, samples: int | None) -> dict[str, int]:
    """What is asked of the slider sheet and the influence picture, as `draw_pictures` takes it."""
    given = {"width": width, "engine_samples": samples}
    return {name: value for name, value in given.items() if value is not None}


def _opened(dataset: Rendered) -> Dataset:
    return dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)


def _scores(dataset: Dataset, scores: Scores | str | Path | None) -> Scores:
    return scores if isinstance(scores, Scores) else Scores.load(scores or dataset.folder / SCORES)


def _descriptors(
    dataset: Dataset, descriptors: Selection | Sequence[str] | Path | None, teller: Teller
) -> tuple[str, ...]:
    if isinstance(descriptors, Selection):
        return descriptors.chosen
    if descriptors is None or isinstance(descriptors, Path):
        return chosen_words(descriptors or dataset.folder / SELECTION)
    return named_once(descriptors, teller)


def _clip_for(
    dataset: Rendered,
    model: str | Path | None,
    spec: str,
    device: str | None,
    batch: int | None,
    teller: Teller,
    vocabulary: str | None = None,
    trained_with: Mapper | None = None,
) -> Clip:
    """The CLIP that is named. The small one is the mapper's own, else the vocabulary's, else the model family's."""
    about = "body"
    if spec == SMALL:
        if trained_with and trained_with.provenance.get("clip") in SMALL_NAMES.values():
            spec = trained_with.provenance["clip"]
        else:
            family = str(open_source(dataset, model).model.metadata.get("family", ""))
            about = subject_of(vocabulary or family)
    clip = load_clip(spec, device, about, batch)
    if clip.remark:
        teller.note(clip.remark)
    return clip

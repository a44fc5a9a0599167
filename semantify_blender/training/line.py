"""The whole line into one folder: `semantify run`. A step is skipped when its inputs are those of the last time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.clip_names import SMALL
from ..core.dataset import Dataset
from ..core.dataset_spec import DatasetSpec
from ..core.descriptors import distinct_words, subject_of
from ..core.errors import SemantifyError
from ..core.files.writing import make_folder, sha256_of_file, write_json
from ..core.library import find, load_model
from ..core.mapper import SUFFIX, Mapper
from ..core.model.morphable_model import MorphableModel
from . import steps
from .evaluation.step import FIGURES, INFLUENCE, SHEET, draw_pictures, evaluate, network_key
from .evaluation.sweeps import STEPS
from .made import made
from .mapper.curves import check_tensorboard
from .mapper.recipe import DEFAULT, Recipe
from .rendered import asked_of, render_dataset, request_of
from .reports.report import write_report
from .reports.result_files import chosen_words, load_figures
from .reports.viewer import Tried
from .result import PicturesMissing, Result
from .scoring.clip import Clip, caution, load_clip
from .scoring.embeddings import Embeddings
from .scoring.scores import BARE_WORD, Scores
from .scoring.words import listed, named_once, words_to_score
from .selection.selection import SelectionOptions
from .step_memory import StepMemory
from .telling import Tell, Teller
from .verbs import SCORES, SELECTION, curves_path, pictures_wanted

MADE = "made.json"
"""By what a line was made: version, packages, machine, seeds."""


@dataclass(frozen=True)
class Line:
    """What the whole line is to make, of which model, where, and how.

    model: name or path of a morphable model. out: folder for everything; run again, it goes on where it was.
    spec: what to render (default: `DatasetSpec.of` the model). words: to choose among, "@FILE" among them for a file
    with one a line; none: those of `vocabulary`, else those of the model's family. templates: prompts with {} for the
    word. selection: how descriptors are chosen. descriptors: exactly these sliders, nothing is chosen.
    recipe: of the training. clip: "small" (embedded, knows a stated vocabulary), NAME:TAG of open_clip, NAME:FILE,
    local-dir:FOLDER, or a package's scorer; device: "cpu", "cuda", "cuda:1", … of CLIP and Blender, None for the best
    there is; batch: pictures encoded at once. jobs, devices: how many Blender processes render beside one another, and
    which processors render and encode, as in `render`. sweep_steps: of each slider's sweep. picture_width: of slider
    sheet and influence picture, pixels; picture_samples: render samples per pixel; None for the verbs' own. blender:
    the program (default: $BLENDER, else the bpy wheel). name: of the mapper's file (default: the model's). tensorboard:
    a folder to log the training to, for that program.
    By what all was made is in `made.json`, how the training went beside the mapper, NAME.training.csv.

    >>> from semantify_blender import DatasetSpec, load_model
    >>> spec = DatasetSpec.of(load_model("anny-body-neutral"), samples=16, size=128, engine="workbench")
    >>> line = Line("anny-body-neutral", "out/mine", spec, words=["tall", "fat"], descriptors=["tall", "fat"])
    >>> line.sweep_steps
    21
    """

    model: str | Path
    out: str | Path
    spec: DatasetSpec | None = None
    words: Sequence[str] = ()
    vocabulary: str | None = None
    templates: Sequence[str] = (BARE_WORD,)
    selection: SelectionOptions = SelectionOptions()  # noqa: RUF009 - frozen
    descriptors: Sequence[str] | None = None
    recipe: Recipe = DEFAULT
    clip: str = SMALL
    device: str | None = None
    jobs: int | None = None
    devices: Sequence[str] = ()
    batch: int | None = None
    sweep_steps: int = STEPS
    picture_width: int | None = None
    picture_samples: int | None = None
    blender: str | None = None
    name: str | None = None
    tensorboard: str | Path | None = None

    def run(self, progress: Tell | None = None) -> Result:
        """Render, encode, score, select, train, evaluate, draw and report; what is done and whole is not done again.

        Raises SemantifyError for what cannot be: a CLIP that cannot be had and words that it does not know are told
        before anything is rendered. PicturesMissing, which has the result, when all is there but a picture.
        """
        if self.tensorboard is not None:
            check_tensorboard()
        out, teller = make_folder(self.out), Teller(progress)
        return _Run(self, out, teller, StepMemory(out, teller)).result()


@dataclass(frozen=True)
class _Run:
    """One run of a line: each method is a step, done or found done."""

    line: Line
    out: Path
    teller: Teller
    memory: StepMemory

    def result(self) -> Result:
        line, out, teller, before = self.line, self.out, self.teller, dict(self.memory.done)
        model_path = find("models", line.model)
        model = load_model(model_path)
        # a CLIP that cannot be had, or words that it does not know, are told before the rendering, not after it
        about = subject_of(line.vocabulary or str(model.metadata.get("family", "")))
        clip = load_clip(line.clip, line.device, about, line.batch)
        words = self._words(model, clip)
        dataset = self._dataset(model_path, model)
        source = steps.open_source(dataset, model_path)
        teller.step(f"Encoding with CLIP {clip.name} on {clip.device.type}")
        if doubt := caution(clip.name, str(source.model.metadata.get("family", ""))):
            teller.note(doubt)
        if clip.remark:
            teller.note(clip.remark)
        embeddings = steps.encode(dataset, clip, teller, line.devices)
        scores = self._scores(dataset, clip, words)
        descriptors = self._descriptors(dataset, embeddings, scores)
        mapper = self._mapper(source, scores, descriptors)
        self._figures(mapper, source, clip)
        failures = self._draw(mapper, source)
        figures = load_figures(out / FIGURES)
        tried = Tried(Mapper.load(mapper), source.model)
        if self.memory.done != before or not (out / MADE).is_file():
            seeds = {"dataset": dataset.spec.seed, "selection": line.selection.seed, "training": line.recipe.seed}
            write_json(out / MADE, {**made(), "seeds": seeds, "dataset": dataset.checksum, "clip": clip.checksum})
        report = write_report(out, dataset, out / SELECTION, out / SCORES, tried=tried)
        places = {"mapper": mapper, "slider sheet": out / SHEET, "influence": out / INFLUENCE, "report": report}
        result = Result(figures, {name: path for name, path in places.items() if path.exists()}, source.model)
        if failures:
            raise PicturesMissing(f"{'; '.join(failures)}; all else is in {out}: run the same command again", result)
        return result

    def _words(self, model: MorphableModel, clip: Clip) -> tuple[str, ...]:
        """All words to score: those to choose from, and those that the user wants as sliders.

        Raises SemantifyError when nothing gives a word, for words that the CLIP does not know, and for ends of a word
        that can be no slider.
        """
        line = self.line
        tried: tuple[str, ...] = ()
        try:
            tried = words_to_score(line.words, line.vocabulary, model, clip)
        except SemantifyError:
            # a model of no known family has no words of its own; then the descriptors are all there is
            if line.words or line.vocabulary or not line.descriptors:
                raise
        words = distinct_words([*tried, *listed(line.selection.preset), *listed(line.descriptors or ())])
        clip.check_words(words)
        line.recipe.check_ends(distinct_words(listed(line.descriptors or ())) or words)
        return words

    def _dataset(self, model_path: Path, model: MorphableModel) -> Dataset:
        """Render the dataset, or what is missing of it."""
        spec = self.line.spec or DatasetSpec.of(model)
        request = request_of(spec, model_path, model, self.out / "dataset")
        key = self.memory.key(model.checksum, asked_of(spec, model))
        if self.memory.fresh("render", key):
            try:
                dataset = Dataset.open(request.out, spec.samples)
                _ = dataset.checksum
                return dataset
            except SemantifyError as error:
                self.teller.note(f"the dataset is not whole any more ({error})")
        self.teller.step(f"Rendering {spec.samples} shapes of {model.name}")
        line = self.line
        render_dataset(request, line.blender, self.teller, line.device, line.jobs, line.devices)
        self.memory.finish("render", key)
        return Dataset.open(request.out, spec.samples)

    def _scores(self, dataset: Dataset, clip: Clip, words: Sequence[str]) -> Scores:
        path, templates = self.out / SCORES, list(self.line.templates)
        key = self.memory.key(dataset.checksum, clip.checksum, words, templates)
        if not self.memory.fresh("score", key, path):
            self.teller.step(f"Scoring {len(words)} words")
            steps.score(dataset, clip, words, self.teller, templates).save(path)
            self.memory.finish("score", key, path)
        return Scores.load(path)

    def _descriptors(self, dataset: Dataset, embeddings: Embeddings, scores: Scores) -> tuple[str, ...]:
        path, choice = self.out / SELECTION, self.line.selection
        if self.line.descriptors:  # nothing to choose, but the report still shows clusters, votes and correlations
            exactly = named_once(self.line.descriptors, self.teller)
            choice = replace(choice, preset=exactly, count=len(exactly))
        key = self.memory.key(sha256_of_file(self.out / SCORES), choice)
        if not self.memory.fresh("select", key, path):
            self.teller.step("Selecting descriptors")
            steps.save_selection(steps.select(dataset, embeddings, scores, choice), path)
            self.memory.finish("select", key, path)
        descriptors = chosen_words(path)
        self.teller.note(f"sliders: {', '.join(descriptors)}")
        return descriptors

    def _mapper(self, source: steps.Source, scores: Scores, descriptors: tuple[str, ...]) -> Path:
        path = self.out / f"{self.line.name or source.model.name}{SUFFIX}"
        key = self.memory.key(sha256_of_file(self.out / SCORES), descriptors, self.line.recipe)
        if not self.memory.fresh("train", key, path):
            self.teller.step("Training the mapper")
            log = None if self.line.tensorboard is None else Path(self.line.tensorboard)
            recipe, told = self.line.recipe, self.teller
            steps.train(source, scores, descriptors, recipe, told, True, curves_path(path), log).save(path)
            self.memory.finish("train", key, path)
            self.memory.forget("evaluate")  # which writes its figures into the mapper too
        return path

    def _figures(self, mapper: Path, source: steps.Source, clip: Clip) -> None:
        path, sweep_steps = self.out / FIGURES, self.line.sweep_steps
        key = self.memory.key(network_key(Mapper.load(mapper)), source.dataset.checksum, clip.checksum, sweep_steps)
        if not self.memory.fresh("evaluate", key, path):
            blender, device = self.line.blender, self.line.device
            evaluate(mapper, source, clip, self.out, self.teller, True, sweep_steps, blender, device=device)
            self.memory.finish("evaluate", key, path)

    def _draw(self, mapper: Path, source: steps.Source) -> list[str]:
        """The pictures of the mapper, where they are not there yet. Returns a sentence for each that was not made."""
        pictures = self.out / SHEET, self.out / INFLUENCE
        wanted = pictures_wanted(self.line.picture_width, self.line.picture_samples)
        # as the rendering verbs take them, which is how folders that are finished have it in their keys
        words = [word for name, value in wanted.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        key = self.memory.key(network_key(Mapper.load(mapper)), source.model.checksum, words)
        if self.memory.fresh("pictures", key, *pictures):
            return []
        blender, device = self.line.blender, self.line.device
        failures = draw_pictures(mapper, source, self.out, self.teller, blender, device=device, **wanted)
        if not failures:
            self.memory.finish("pictures", key, *pictures)
        return failures

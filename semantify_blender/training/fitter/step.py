"""`semantify fitter`: the fitters of models from datasets of look "wild", into one folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...core.clip_names import SMALL
from ...core.errors import SemantifyError
from ...core.files.writing import make_folder
from ...core.fitting.fitter import SUFFIX, Fitter
from ...core.library import load_model
from ..telling import Tell, Teller
from .data import fitter_data
from .picture_encoder import ClipEncoder, load_picture_encoder
from .train import FitterRecipe, train_fitter


@dataclass(frozen=True, eq=False)
class TrainedFitter:
    """A fitter and where it was written. name: of its model."""

    name: str
    fitter: Fitter
    path: Path


def train_fitters(
    models: Sequence[str | Path],
    datasets: Sequence[Path],
    out: Path,
    *,
    passes: int = 3,
    epochs: int = 20,
    seed: int = 0,
    clip: str = SMALL,
    device: str | None = None,
    batch: int | None = None,
    progress: Tell | None = None,
) -> Iterator[TrainedFitter]:
    """Train the fitter of each model, and write it as NAME.fitter.npz as soon as it is there.

    models: names or paths; several of one topology share the work. datasets: folders rendered with look "wild".
    passes: variations of each picture. epochs: passes over the pictures. clip, device, batch: of the encoder.
    Raises SemantifyError for models of different things and datasets that show none of them.
    """
    teller = Teller(progress)
    loaded = [load_model(name) for name in models]
    if len({model.vertex_count for model in loaded}) > 1:
        raise SemantifyError("these models show different things: train a fitter for each by itself")
    encoder = load_picture_encoder(clip, loaded[0], device, batch)
    if isinstance(encoder, ClipEncoder) and encoder.clip.remark:
        teller.note(encoder.clip.remark)
    teller.step(f"Embedding pictures with {encoder.name}, {passes} variations of each")
    data = fitter_data(datasets, loaded, encoder, passes, seed, teller.images)
    recipe = FitterRecipe(epochs=epochs, seed=seed)
    make_folder(out)
    for model, own in zip(loaded, data, strict=True):
        teller.step(f"Training the fitter of {model.name}")
        provenance = {
            "datasets": [folder.name for folder in datasets],
            "pictures": own.embeddings.shape[1],
            "encoder": encoder.name,
            "seed": seed,
            "date": datetime.now(UTC).date().isoformat(),
        }
        fitter = train_fitter(own, model, encoder, recipe, provenance)
        path = out / f"{model.name}{SUFFIX}"
        fitter.save(path)
        yield TrainedFitter(model.name, fitter, path)

"""Rendering a dataset by a Blender of its own. Nothing here needs torch."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..core.dataset import Dataset
from ..core.dataset_spec import DatasetSpec
from ..core.devices import Device
from ..core.errors import SemantifyError
from ..core.library import find, load_model
from ..core.model.morphable_model import MorphableModel
from ..core.model.sampling import POPULATION
from ..processes.requests import DatasetRequest
from ..processes.seats import seats_for
from ..processes.together import missing_shards, render_together
from .telling import Tell, Teller


def render(
    model: str | Path,
    out: str | Path,
    spec: DatasetSpec | None = None,
    *,
    blender: str | None = None,
    device: str | None = None,
    jobs: int | None = None,
    devices: Sequence[str] = (),
    progress: Tell | None = None,
) -> Dataset:
    """Render random shapes of a model into a dataset's folder; what is there already is kept.

    A dataset of fewer samples is extended; of a larger one the first samples are returned.

    model: name or path of a morphable model. out: the folder. spec: what to render (default: `DatasetSpec.of` the
    model, 3000 shapes). blender: the program (default: $BLENDER, else the bpy wheel of this Python).
    device: "cpu", "cuda", "optix:1", … (default: the best there is). jobs: Blender processes beside one another;
    devices: processors to share the work among, such as ["0", "1"] for two graphics cards (default: one process for
    each card, or for every four cores of the CPU). The pictures are the same whatever their number.
    Raises SemantifyError where there is no Blender, for a specification of another model, and for a folder that holds
    another dataset.

    >>> import semantify_blender as sb
    >>> model = sb.load_model("anny-body-neutral")
    >>> spec = sb.DatasetSpec.of(model, samples=16, size=128, engine="workbench")
    >>> len(render("anny-body-neutral", "out/mine/dataset", spec))
    16
    """
    path, teller = find("models", model), Teller(progress)
    loaded = load_model(path)
    wanted = spec or DatasetSpec.of(loaded)
    request = request_of(wanted, path, loaded, Path(out))
    teller.step(f"Rendering {wanted.samples} shapes of {loaded.name}")
    render_dataset(request, blender, teller, device, jobs, devices)
    return Dataset.open(out, wanted.samples)


def render_dataset(
    request: DatasetRequest,
    blender: str | None,
    teller: Teller,
    device: str | None = None,
    jobs: int | None = None,
    devices: Sequence[str] = (),
) -> None:
    """Have what is asked rendered by as many processes as `seats_for` finds room for; the rest as in `render`."""
    named = [Device.parse(name).text for name in devices]
    seats = seats_for(request.engine, missing_shards(request), jobs, named, device and Device.parse(device).text)
    render_together(request, seats, blender, teller.images, teller.note)


def request_of(spec: DatasetSpec, path: Path, model: MorphableModel, out: Path) -> DatasetRequest:
    """A specification as what a rendering process is asked. path: the model's file.

    Raises SemantifyError for one of another model, of shapes from a file, or with views of one's own names.
    """
    if spec.model_checksum != model.checksum:
        raise SemantifyError(
            f"the dataset is to show model {spec.model!r} with checksum {spec.model_checksum[:12]}…, but {path.name} "
            f"has {model.checksum[:12]}…; make it with DatasetSpec.of for this model"
        )
    if spec.sampler == "file":
        raise SemantifyError("sampler 'file' takes shapes from a file: use semantify render --coefficients")
    return DatasetRequest(
        model=str(path),
        out=out,
        samples=spec.samples,
        seed=spec.seed,
        sampler=spec.sampler,
        k=None if spec.sampler == POPULATION else spec.k,
        components=spec.components,
        views=tuple(view.text for view in spec.views),
        size=spec.size,
        engine=spec.engine,
        engine_samples=spec.engine_samples,
        format=spec.image_format,
        look=spec.look,
        textured=spec.textured,
        outfit=spec.outfit,
        shard_size=spec.shard_size,
    )


def asked_of(spec: DatasetSpec, model: MorphableModel) -> dict[str, Any]:
    """What decides the pictures of a dataset, less what the model would choose by itself."""
    always = ("samples", "seed", "size", "engine", "engine_samples", "look")
    usual = DatasetSpec.of(model, look=spec.look)
    found = {name: getattr(spec, name) for name in always}
    for name in (field.name for field in fields(spec)):
        value = getattr(spec, name)
        if name not in found and name != "blender_version" and value != getattr(usual, name):
            found[name] = [view.text for view in value] if name == "views" else value
    return found

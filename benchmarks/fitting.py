"""How long a fit takes: in Blender with the embedded encoder, with a full CLIP in its own warm process, and of many.

    python benchmarks/fitting.py [embedded] [full] [many] [--pictures 2000] [--picture FILE] [--rounds 20]
        [--mapper anny-body-neutral] [--json]

embedded: from a picture file to the changed shape of a character: read, cut, embed, fit, apply; NumPy inside bpy.
Beside it the embedded small CLIP run by torch through open_clip on the same cut. Turns alternate, so that other load on
the machine hits both alike.
full: a ViT-B-32 with random weights from a local file (made for this, in a temporary folder): the first call, from
starting the process to the first embedding, and further calls of the warm process.
many: `semantify fit` of so many pictures in a process of its own: its resident memory when it has done a tenth of them
and at the end, and how long one takes; with the default sheet and without one. Not among the default.
Times are by the clock; the seconds of CPU that were spent are given too, since they depend less on what else runs.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from semantify_blender.blender.pictures import read_picture
from semantify_blender.core.files.json_lines import event_of
from semantify_blender.core.fitting.choose import Shelf, Tools, choose
from semantify_blender.core.fitting.encoder import Encoder
from semantify_blender.core.fitting.fit import fit_pictures
from semantify_blender.core.library import load_mapper, load_model
from semantify_blender.core.pictures.crop import Cut
from semantify_blender.processes.clip_worker import Worker
from semantify_blender.rendering.stage.scene import Stage

STEPS = ("read", "cut", "embed", "fit", "apply")
KINDS = ("alpha", "plain", "photograph")
"""Of pictures: cut out, before a plain backdrop, before a busy one in which finders have to look."""
PICTURE_SIDE = 1024


class Timed:
    """Clock and CPU milliseconds of one thing, turn by turn."""

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.cpu: list[float] = []

    def run(self, work: Callable[[], object]) -> object:
        """Do it once and remember how long it took."""
        clock, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.clock.append(1e3 * (time.perf_counter() - clock))
        self.cpu.append(1e3 * (time.process_time() - cpu))
        return result

    def summary(self) -> dict[str, float]:
        """Medians, the 95th percentile and the best turn."""
        return {
            "median_ms": statistics.median(self.clock),
            "p95_ms": float(np.percentile(self.clock, 95)),
            "best_ms": min(self.clock),
            "cpu_ms": statistics.median(self.cpu),
        }


def rendered_picture(model_name: str, path: Path, kind: str = "plain") -> None:
    """A picture to fit: the model's mean shape before a plain backdrop, cut out, or before a busy one."""
    from PIL import Image

    from semantify_blender.core.looks.look import PLAIN
    from semantify_blender.training.fitter.unseen_pictures import before

    model = load_model(model_name)
    cut_out = kind != "plain"
    image_format = "png" if cut_out else "jpg"
    with Stage(model, PICTURE_SIDE, engine_samples=4, image_format=image_format, transparent=cut_out) as stage:
        stage.shape(stage.framing.place(stage.dressed.model.template.copy()))
        stage.aim(10.0, PLAIN)
        path.write_bytes(stage.render())
    if kind == "photograph":
        pixels = before(np.asarray(Image.open(path).convert("RGBA")), "busy", np.random.default_rng(0))
        Image.fromarray(pixels).convert("RGB").save(path, "JPEG", quality=92)


def character(model_name: str) -> tuple[bpy.types.Object, list[bpy.types.ShapeKey]]:
    """A mesh with one shape key a coefficient, as the add-on builds it."""
    from semantify_blender.rendering.stage.scene import checked_mesh, new_scene

    model = load_model(model_name)
    new_scene()
    obj = bpy.data.objects.new("figure", checked_mesh(model))
    bpy.context.scene.collection.objects.link(obj)
    obj.shape_key_add(name="Basis", from_mix=False).value = 0.0
    keys = []
    for k in range(model.component_count):
        key = obj.shape_key_add(name=f"{k}", from_mix=False)
        key.slider_min, key.slider_max, key.value = -10.0, 10.0, 0.0
        key.points.foreach_set("co", (model.template + model.basis[k]).ravel())
        keys.append(key)
    return obj, keys


def embedded(options: argparse.Namespace, folder: Path, kind: str = "plain") -> dict:
    """The fit inside Blender, and the same embedding by torch. kind: of the rendered picture."""
    mapper = load_mapper(options.mapper)
    model = load_model(mapper.model_name)
    picture_file = options.picture or folder / f"{kind}.{'png' if kind == 'alpha' else 'jpg'}"
    if options.picture is None:
        rendered_picture(mapper.model_name, picture_file, kind)
    obj, keys = character(mapper.model_name)
    loading = Timed()
    tools: Tools = loading.run(lambda: choose(mapper, model, Shelf()))  # type: ignore[assignment]
    by_torch = torch_way(str(model.metadata.get("family", "")))
    steps = {step: Timed() for step in STEPS}
    whole, alternative = Timed(), Timed()

    def apply(coefficients: np.ndarray) -> None:
        for key, value in zip(keys, coefficients.tolist(), strict=True):
            key.value = value
        bpy.context.view_layer.update()
        _ = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices[0].co

    def fit() -> Cut:
        picture = steps["read"].run(lambda: read_picture(picture_file))
        cut: Cut = steps["cut"].run(lambda: tools.cut(picture))  # type: ignore[arg-type,assignment]
        embedding = steps["embed"].run(lambda: tools.encoder.embed(cut.pixels[None]))
        looked = Looked(tools.encoder, embedding)
        found = steps["fit"].run(lambda: fit_pictures([cut], looked, tools.fitter, mapper, model))
        steps["apply"].run(lambda: apply(found.coefficients))  # type: ignore[attr-defined]
        return cut

    cut = fit()
    by_torch(cut.pixels)
    for timed in steps.values():
        timed.clock.clear()
        timed.cpu.clear()
    for _ in range(options.rounds):
        whole.run(fit)
        alternative.run(lambda: by_torch(cut.pixels))
    ours = statistics.median(steps["embed"].clock)
    return {
        "picture": "rendered picture" if options.picture is None else options.picture.name,
        "method": "whole embedding" if tools.fitter else "scores",
        "load_ms": loading.clock[0],
        "whole": whole.summary(),
        "steps": {step: timed.summary() for step, timed in steps.items()},
        "torch": alternative.summary(),
        "torch_over_numpy": statistics.median(alternative.clock) / ours,
    }


class Looked:
    """An encoder that has embedded its one picture already, so that embedding and fitting are timed apart."""

    def __init__(self, encoder: Encoder, embedding: object) -> None:
        self._encoder, self._embedding = encoder, embedding

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def embed(self, pixels: np.ndarray) -> Any:
        """What was found before."""
        return self._embedding


def torch_way(family: str) -> Callable[[np.ndarray], np.ndarray]:
    """The embedded small CLIP through open_clip and torch on the CPU, in this process."""
    from semantify_blender.core.descriptors import subject_of
    from semantify_blender.training.scoring.clip import load_clip
    from semantify_blender.training.scoring.worker import embed

    clip = load_clip("small", "cpu", subject_of(family))
    return lambda pixels: embed(clip, pixels[None])


def full(options: argparse.Namespace, folder: Path) -> dict:
    """A ViT-B-32 in its own process."""
    import open_clip
    import torch

    weights = folder / "random.pt"
    torch.manual_seed(0)
    torch.save(open_clip.create_model("ViT-B-32").state_dict(), weights)
    rng = np.random.default_rng(0)
    first, warm, texts = Timed(), Timed(), Timed()
    before = os.times()
    worker = Worker(sys.executable, f"ViT-B-32:{weights}", "cpu", log=folder / "clip.log")
    try:
        picture = rng.integers(0, 255, (1, 224, 224, 3), dtype=np.uint8)
        first.run(lambda: worker.embed(picture))
        for _ in range(options.rounds):
            warm.run(lambda: worker.embed(picture))
            texts.run(lambda: worker.text_embeddings(["tall", "muscular"]))
        size, name = worker.size, worker.name
    finally:
        worker.close()
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return {
        "clip": name,
        "size": size,
        "first_s": first.clock[0] / 1e3,
        "warm": warm.summary(),
        "texts": texts.summary(),
        "child_cpu_s": spent,
    }


def many(options: argparse.Namespace, folder: Path) -> dict:
    """Thousands of pictures by the command line."""
    picture = folder / "picture.jpg"
    rendered_picture(load_mapper(options.mapper).model_name, picture)
    found = {}
    for name, more in (("no sheet", ["--no-sheet"]), ("default sheet", [])):
        words = [sys.executable, "-m", "semantify_blender.rendering", "fit", *([str(picture)] * options.pictures)]
        words += ["--mapper", options.mapper, "--out", str(folder / name), "--progress", "json", *more]
        start = time.perf_counter()
        sizes: dict[int, float] = {}
        root = Path(__file__).resolve().parent.parent
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=root) as child:
            for line in child.stdout or ():
                event = event_of(line)
                if event.get("event") == "fit":
                    sizes[len(sizes) + 1] = resident(child.pid)
        if child.returncode:
            raise SystemExit(f"the fit ended with {child.returncode}")
        early = max(1, options.pictures // 10)
        found[name] = {
            "early_mb": sizes[early],
            "end_mb": sizes[options.pictures],
            "kb_a_picture": 1e3 * (sizes[options.pictures] - sizes[early]) / max(1, options.pictures - early),
            "ms_a_picture": 1e3 * (time.perf_counter() - start) / options.pictures,
        }
    return found


def resident(process: int) -> float:
    """Megabytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", choices=("embedded", "full", "many", []), help="default: the first two")
    parser.add_argument("--pictures", type=int, default=2000, help="of many")
    parser.add_argument("--picture", type=Path, help="picture to fit (default: one rendered for it)")
    parser.add_argument("--mapper", default="anny-body-neutral")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    wanted = options.what or ["embedded", "full"]
    result = {}
    with tempfile.TemporaryDirectory() as name:
        if "embedded" in wanted:
            kinds = KINDS if options.picture is None else ("plain",)
            result["embedded"] = {kind: embedded(options, Path(name), kind) for kind in kinds}
        if "full" in wanted:
            result["full"] = full(options, Path(name))
        if "many" in wanted:
            result["many"] = many(options, Path(name))
    if options.json:
        print(json.dumps(result, indent=2))
        return 0
    print(f"Blender {bpy.app.version_string}, {options.rounds} rounds, {os.cpu_count()} cores")
    for kind, fitted in result.get("embedded", {}).items():
        print(f"{options.mapper}, {fitted['picture']} ({kind}), by {fitted['method']}")
        print(f"  loading encoder and fitter once: {fitted['load_ms']:.0f} ms")
        print(f"  {'':28}{'median ms':>10}{'p95':>9}{'best':>9}{'CPU ms':>9}")
        rows = {"file to changed mesh": fitted["whole"], **{f"  {k}": v for k, v in fitted["steps"].items()}}
        rows["small CLIP by torch, embed"] = fitted["torch"]
        for label, row in rows.items():
            print(f"  {label:28}{row['median_ms']:10.1f}{row['p95_ms']:9.1f}{row['best_ms']:9.1f}{row['cpu_ms']:9.1f}")
        print(f"  torch's embedding takes {fitted['torch_over_numpy']:.2f} times as long as ours")
    if found := result.get("full"):
        print(f"{found['clip']} in its own process on the CPU")
        print(f"  first call, start to embedding {found['first_s']:8.1f} s")
        print(f"  warm call                      {found['warm']['median_ms']:8.0f} ms")
        print(f"  two words                      {found['texts']['median_ms']:8.0f} ms")
        print(f"  CPU time of the process in all {found['child_cpu_s']:8.1f} s")
    for name, row in result.get("many", {}).items():
        memory = f"{row['early_mb']:.0f} MB after a tenth, {row['end_mb']:.0f} MB at the end"
        print(f"{options.pictures} pictures, {name}: {memory}")
        print(f"  {row['kb_a_picture']:.2f} kB and {row['ms_a_picture']:.0f} ms a picture")
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # bpy as a module may hang or crash while Python shuts down
    os._exit(code)

"""Speed and memory of rendering, beside a bare Blender loop and blendify on the same meshes.

    python benchmarks/rendering.py speed  [--model NAME] [--size 224] [--engine-samples 4] [--rounds 5]
    python benchmarks/rendering.py memory [--model NAME] [--samples 2000]
    python benchmarks/rendering.py noise  [--model NAME] [--clip small]

speed: each contestant lives in its own process and they take turns, a few pictures each, so that what else the machine
does hits all alike; the median turn counts. `bare` is foreach_set + render in the very scene that `ours` uses.
noise: how far the embedding of a picture with few samples per pixel is from that of the same picture with 256, beside
how far apart two shapes are.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from semantify_blender.core.dataset_spec import DatasetSpec  # noqa: E402
from semantify_blender.core.library import load_model  # noqa: E402
from semantify_blender.core.model.sampling import sample_coefficients  # noqa: E402
from semantify_blender.core.model.view import View  # noqa: E402

Turn = Callable[[int], None]
CONTESTANTS = ("bare", "ours", "blendify")
ENGINES = ("cycles", "workbench", "eevee")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("speed", "memory", "noise"))
    parser.add_argument("--model", default="anny-body-neutral")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--engine-samples", type=int, default=4)
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pictures", type=int, default=10, help="pictures a turn")
    parser.add_argument("--samples", type=int, default=2000, help="memory: number of tiny pictures")
    parser.add_argument("--clip", default="small", help="noise: any CLIP that --clip of the training takes")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return work(options)
    return {"speed": speed, "memory": memory, "noise": noise}[options.what](options)


def speed(options: argparse.Namespace) -> int:
    for engine in options.engines:
        children = {}
        for name in CONTESTANTS if engine == "cycles" else CONTESTANTS[:2]:
            command = [sys.executable, __file__, *sys.argv[1:], "--worker", name, "--engines", engine]
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            assert child.stdin is not None
            assert child.stdout is not None
            ready = child.stdout.readline()
            if ready.startswith("ready"):
                children[name] = child, child.stdin, child.stdout
            else:
                print(f"{engine} {name}: {ready.strip() or 'the process died'}")
        seconds: dict[str, list[float]] = {name: [] for name in children}
        for _ in range(options.rounds):
            for name, (_, asked, answered) in children.items():
                asked.write(f"{options.pictures}\n")
                asked.flush()
                seconds[name].append(float(answered.readline()) / options.pictures)
        for child, asked, _ in children.values():
            asked.close()
            child.wait()
        for name, values in seconds.items():
            median = statistics.median(values)
            text = (
                f"{engine:10} {name:9} {1 / median:6.1f} images/s ({1e3 * median:.1f} ms, best {1e3 * min(values):.1f})"
            )
            if name != "bare" and "bare" in seconds:
                ratios = [value / bare for value, bare in zip(values, seconds["bare"], strict=True)]
                text += f"  {100 * (statistics.median(ratios) - 1):+.1f} % time beside bare"
            print(text, flush=True)
    return 0


def work(options: argparse.Namespace) -> int:
    """One contestant: answers each number of pictures on stdin with the seconds they took."""
    from semantify_blender.core.errors import SemantifyError
    from semantify_blender.rendering.stage.quiet import quiet

    with quiet() as output, open(output, "w", closefd=False, buffering=1) as tell:
        try:
            turn = {"bare": bare_turn, "ours": our_turn, "blendify": blendify_turn}[options.worker](options)
        except (SemantifyError, ImportError) as error:
            print(error, file=tell)
            return 1
        turn(2)  # shaders, caches
        print("ready", file=tell)
        for line in sys.stdin:
            began = time.perf_counter()
            turn(int(line))
            print(time.perf_counter() - began, file=tell)
    return 0


def shapes(model, count: int = 16) -> np.ndarray:
    """(count, V, 3) shapes to render in turn: the first samples of the dataset that `ours` renders.

    model: dressed, as a stage shows it.
    """
    drawn = [sample_coefficients("uniform", 0, i, model.component_count, 2.0) for i in range(count)]
    return model.vertices(np.stack(drawn))


def our_turn(options: argparse.Namespace) -> Turn:
    """All that the dataset loop does for a picture: coefficients, shape, look, render, tar."""
    from semantify_blender.rendering.dataset import rendered
    from semantify_blender.rendering.shape_sources import coefficients_source
    from semantify_blender.rendering.stage.scene import Stage

    model = load_model(options.model)
    engine = options.engines[0]
    stage = Stage(model, options.size, engine, options.engine_samples)
    folder = tempfile.TemporaryDirectory()

    def turn(count: int) -> None:
        spec = DatasetSpec(
            model=model.name, model_checksum=model.checksum, samples=count, seed=0, blender_version="",
            views=(View("front", 0.0),), size=options.size, engine=engine, engine_samples=options.engine_samples,
            shard_size=count,
        )  # fmt: skip
        spec.write_shard(folder.name, 0, rendered(stage, spec, coefficients_source(spec, model), 0))

    return turn


def bare_turn(options: argparse.Namespace) -> Turn:
    """The least that Blender needs: new positions, render, in the same scene."""
    import bpy

    from semantify_blender.core.looks.look import PLAIN
    from semantify_blender.rendering.stage.scene import Stage

    model = load_model(options.model)
    stage = Stage(model, options.size, options.engines[0], options.engine_samples)
    stage.aim(0.0, PLAIN)
    positions = [stage.framing.place(shape).ravel() for shape in shapes(stage.dressed.model)]

    def turn(count: int) -> None:
        for i in range(count):
            stage.mesh.attributes["position"].data.foreach_set("vector", positions[i % len(positions)])
            stage.mesh.update()
            bpy.ops.render.render(write_still=True)

    return turn


def blendify_turn(options: argparse.Namespace) -> Turn:
    """blendify with the same meshes, size, samples per pixel and one sun."""
    from blendify import scene
    from blendify.colors import UniformColors
    from blendify.materials import PrincipledBSDFMaterial

    model = load_model(options.model).dressed().model
    meshes = shapes(model)
    height = float(model.metadata.get("framing", {}).get("height", 2.2))
    looking = np.array([np.sqrt(0.5), np.sqrt(0.5), 0, 0])
    scene.set_perspective_camera(
        (options.size, options.size), fov_x=float(np.degrees(2 * np.arctan(height / 12))), rotation=looking,
        translation=(0, -6, 0),
    )  # fmt: skip
    scene.lights.add_sun(strength=3, rotation=looking)
    figure = scene.renderables.add_mesh(
        meshes[0], model.triangles, PrincipledBSDFMaterial(), UniformColors((0.8, 0.6, 0.5))
    )
    figure.set_smooth()
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "picture.png"

    def turn(count: int) -> None:
        for i in range(count):
            figure.update_vertices(meshes[i % len(meshes)])
            scene.render(path, use_gpu=False, samples=options.engine_samples)

    return turn


def memory(options: argparse.Namespace) -> int:
    """Resident memory and milliseconds per picture as tiny pictures are rendered in one process."""
    from semantify_blender.core.looks.choice import look_of
    from semantify_blender.rendering.stage.quiet import quiet
    from semantify_blender.rendering.stage.scene import Stage

    model = load_model(options.model)
    bodies = shapes(model.dressed().model)
    step = max(1, options.samples // 10)
    with (
        quiet() as output,
        open(output, "w", closefd=False, buffering=1) as tell,
        Stage(model, 16, "cycles", 1) as stage,
    ):
        rows = []
        began = time.perf_counter()
        for i in range(options.samples + 1):
            if i % step == 0:
                rows.append((i, resident_mib(), 1e3 * (time.perf_counter() - began) / step))
                print(f"{i:6} pictures: {rows[-1][1]:7.1f} MiB, {rows[-1][2] if i else 0:5.1f} ms each", file=tell)
                began = time.perf_counter()
            stage.shape(stage.framing.place(bodies[i % len(bodies)]))
            stage.aim(0.0, look_of("random", 0, i, 0))
            stage.render(i)
        after_first = rows[1:]
        slope = np.polyfit([row[0] for row in after_first], [row[1] for row in after_first], 1)[0]
        print(f"growth {1024 * slope:.2f} KiB a picture after the first {step}", file=tell)
    return 0


def resident_mib() -> float:
    """Resident memory of this process in MiB (Linux), else the largest it ever was."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * 4096 / 2**20
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def noise(options: argparse.Namespace, bodies: int = 12) -> int:
    """1 - cosine of embeddings: few samples against 256, beside that between shapes; and the error of the scores."""
    from semantify_blender.training.scoring.clip import load_clip

    clip = load_clip(options.clip)
    words = list(clip.vocabulary or ("tall", "short", "fat", "thin", "muscular", "broad shoulders"))
    texts = clip.encode_texts(words)
    with tempfile.TemporaryDirectory() as folder:

        def embeddings(samples: int) -> np.ndarray:
            out = Path(folder) / str(samples)
            command = [
                sys.executable, "-m", "semantify_blender.rendering", "dataset", "--model", options.model, "--out", out,
                "--samples", bodies, "--size", options.size, "--engine-samples", samples, "--format", "png",
                "--views", "front", "--progress", "json",
            ]  # fmt: skip
            ended = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False)
            if ended.returncode:
                raise SystemExit(ended.stderr)
            from semantify_blender.core.dataset import Dataset

            pictures = [data for _, _, data in Dataset.open(out).images()]
            return np.asarray(clip.encode_images(pictures), np.float32)

        clean = embeddings(256)
        between = 1 - (clean @ clean.T)[np.triu_indices(bodies, 1)]
        spread = (100 * clean @ texts.T).std(0)
        print(f"CLIP {clip.name}, {options.size} px: two shapes are {between.mean():.5f} apart (1 - cosine, mean)")
        rows = {}
        for samples in (1, 2, 4, 8, 16, 32):
            noisy = embeddings(samples)
            distance = float((1 - (clean * noisy).sum(1)).mean())
            error = (100 * (noisy - clean) @ texts.T).std(0) / spread
            rows[samples] = {"distance": distance, "score error / score spread": float(error.mean())}
            print(
                f"{samples:3} samples: {distance:.6f} from 256 samples ({100 * distance / between.mean():.2f} % of "
                f"that between shapes); scores off by {100 * error.mean():.1f} % of their spread"
            )
        print(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())

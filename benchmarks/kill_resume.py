"""Is a render that was killed with SIGKILL at random moments, and resumed each time, byte-equal to an undisturbed one?

    python benchmarks/kill_resume.py [--kills 10] [--model NAME] [--samples 240]

Prints what happened at each kill and a verdict; exit status 1 when a byte differs.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def command(options: argparse.Namespace, out: Path) -> list[str]:
    return [
        sys.executable, "-m", "semantify_blender.rendering", "dataset", "--model", options.model,
        "--samples", str(options.samples), "--shard-size", str(options.shard_size), "--size", "64",
        "--engine-samples", "2", "--look", "random", "--seed", str(options.seed), "--out", str(out),
    ]  # fmt: skip


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="anny-body-neutral")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--samples", type=int, default=240)
    parser.add_argument("--shard-size", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        calm, stormy = Path(folder) / "undisturbed", Path(folder) / "killed"
        began = time.monotonic()
        subprocess.run(command(options, calm), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        whole = time.monotonic() - began
        shards = len(list(calm.glob("*.tar")))
        print(f"undisturbed: {shards} shards in {whole:.1f} s")
        kills = 0
        while kills < options.kills:
            child = subprocess.Popen(command(options, stormy), cwd=ROOT, stdout=subprocess.DEVNULL)
            moment = rng.uniform(0.1, 1.5 * whole / options.kills + 2.0)
            try:
                child.wait(moment)
                # it ended before its time: take one shard away so that the next run has something to do
                rng.choice(sorted(stormy.glob("*.tar"))).unlink()
                print(f"ended within {moment:.2f} s; one shard deleted")
                continue
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            kills += 1
            done = len(list(stormy.glob("shard-*.tar")))
            half = len(list(stormy.glob(".*.part")))
            print(f"kill {kills:2} after {moment:.2f} s: {done} of {shards} shards whole, {half} half written")
        subprocess.run(command(options, stormy), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        equal = content(calm) == content(stormy)
        total = sum(len(data) for data in content(calm).values())
        print(f"after {kills} kills: {len(content(stormy))} files, {total} bytes: {'EQUAL' if equal else 'DIFFERENT'}")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())

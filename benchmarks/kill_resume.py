"""Is a render that was killed with SIGKILL at random moments, and resumed each time, byte-equal to an undisturbed one?

    python benchmarks/kill_resume.py [--kills 10] [--model NAME] [--samples 240] [--jobs 1]

With --jobs 2 and more, `semantify render` is killed with so many Blender processes: now all of it, now one of them.
Prints what happened at each kill and a verdict; exit status 1 when a byte differs, or a process is left over.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def command(options: argparse.Namespace, out: Path, jobs: int = 1) -> list[str]:
    verb = ["semantify_blender.rendering", "dataset"] if jobs == 1 else ["semantify_blender", "render"]
    return [
        sys.executable, "-m", *verb, *([] if jobs == 1 else ["--jobs", str(jobs), "--device", "cpu"]),
        "--model", options.model, "--samples", str(options.samples), "--shard-size", str(options.shard_size),
        "--size", "64", "--engine-samples", "2", "--look", "random", "--seed", str(options.seed), "--out", str(out),
    ]  # fmt: skip


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "crashes.jsonl"}


def rendering(out: Path) -> list[int]:
    """Processes that work for a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if os.fsencode(out) in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def kill(child: subprocess.Popen, out: Path, rng: random.Random) -> str:
    """Kill all of it, or one of several Blender processes, which goes on. Returns which."""
    others = [process for process in rendering(out) if process != child.pid]
    if len(others) > 1 and rng.random() < 0.5:
        os.kill(rng.choice(others), signal.SIGKILL)
        return "one"
    child.kill()
    child.wait()
    return "all"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="anny-body-neutral")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--samples", type=int, default=240)
    parser.add_argument("--shard-size", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
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
            child = subprocess.Popen(command(options, stormy, options.jobs), cwd=ROOT, stdout=subprocess.DEVNULL)
            moment = rng.uniform(0.1, 1.5 * whole / options.kills + 2.0)
            try:
                child.wait(moment)
                # it ended before its time: take one shard away so that the next run has something to do
                rng.choice(sorted(stormy.glob("*.tar"))).unlink()
                print(f"ended within {moment:.2f} s; one shard deleted")
                continue
            except subprocess.TimeoutExpired:
                which = kill(child, stormy, rng)
            kills += 1
            if which == "one":
                child.wait()
                if child.returncode:
                    print(f"ended with {child.returncode} when one of its processes was killed")
                    return 1
                rng.choice(sorted(stormy.glob("*.tar"))).unlink()
            done = len(list(stormy.glob("shard-*.tar")))
            half = len(list(stormy.glob(".*.part")))
            print(
                f"kill {kills:2} ({which}) after {moment:.2f} s: {done} of {shards} shards whole, {half} half written"
            )
        subprocess.run(command(options, stormy, options.jobs), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        left = rendering(stormy)
        equal = not left and content(calm) == content(stormy)
        total = sum(len(data) for data in content(calm).values())
        print(
            f"after {kills} kills: {len(content(stormy))} files, {total} bytes: {'EQUAL' if equal else 'DIFFERENT'}"
            f"{f', processes left: {left}' if left else ''}"
        )
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())

"""How well views and joints are found: renders of posed bodies before busy backdrops, from all sides, views known.

    python benchmarks/pose.py [--count 60] [--seed 77] [--model anny-body-neutral] [--sure] [--json]

The finder looks at each picture by itself (detector, joints), then the pose is solved for the mean shape, as a fit does
before it knows better. Printed: how many were found; errors of yaw, pitch and roll in degrees (median, 95th percentile,
largest), in all and by kind of pose; how far the model's joints are from the true ones in the picture and their bones
from the true ones in space; the finder's own error; milliseconds. --sure: beside it, what share of the true yaws lies
within the deviation that the solver names.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts.anny.posed_pictures import SIZE, posed_pictures
from semantify_blender.core.finders.person import find_people
from semantify_blender.core.fitting.pose import PITCH_DEVIATION, YAW_DEVIATION, PoseSolver
from semantify_blender.core.library import load_model
from semantify_blender.core.pictures.landmarks import BODY_POINTS

BONES = [
    (BODY_POINTS.index(f"{a}.{side}"), BODY_POINTS.index(f"{b}.{side}"))
    for side in "LR"
    for a, b in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
]


def turned(one: float, other: float) -> float:
    """Degrees between two angles."""
    return abs((one - other + 180) % 360 - 180)


def spread(values: list[float]) -> str:
    """Median, 95th percentile, largest."""
    if not values:
        return "-"
    return f"{np.median(values):6.1f} {np.percentile(values, 95):6.1f} {max(values):6.1f}"


def main() -> None:
    """Render, find, solve, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--model", default="anny-body-neutral")
    parser.add_argument("--sure", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    model = load_model(options.model)
    solver = PoseSolver.of(model)
    assert solver is not None
    mean = np.zeros(model.component_count)
    errors: dict[str, dict[str, list[float]]] = {}
    missed, times = 0, []
    for one in posed_pictures(model, options.count, options.seed):
        people = find_people(one.picture)
        if not people:
            missed += 1
            continue
        person = people[0][1]
        start = time.perf_counter()
        held = solver.solve(mean, person.landmarks, SIZE)
        times.append(1000 * (time.perf_counter() - start))
        truth, posed = solver.points.at(one.vertices), solver.posed.at(mean, held.numbers[8:])
        seen, tall = one.camera.project(truth, SIZE), one.box[3] - one.box[1]
        known = solver.points.known
        bones = []
        for first, second in BONES:
            its, mine = (c.axes @ (p[second] - p[first]) for c, p in ((one.camera, truth), (held.camera, posed)))
            cosine = its @ mine / np.linalg.norm(its) / np.linalg.norm(mine)
            bones.append(float(np.degrees(np.arccos(np.clip(cosine, -1, 1)))))
        found = {
            "yaw": turned(held.camera.yaw, one.camera.yaw),
            "pitch": abs(held.camera.pitch - one.camera.pitch),
            "roll": turned(held.camera.roll, one.camera.roll),
            "bones": float(np.mean(bones)),
            "joints %": 100 * _apart(held.camera.project(posed, SIZE), seen, known) / tall,
            "finder's joints %": 100 * _apart(person.landmarks.points, seen, known) / tall,
        }
        for kind in ("all", one.kind):
            for name, value in found.items():
                errors.setdefault(kind, {}).setdefault(name, []).append(value)
    figures: dict[str, Any] = {
        "found": options.count - missed,
        "of": options.count,
        "milliseconds": round(statistics.median(times), 1) if times else None,
        "errors": {
            kind: {name: [round(v, 2) for v in (np.median(e), np.percentile(e, 95), max(e))] for name, e in by.items()}
            for kind, by in errors.items()
        },
    }
    if options.sure and errors:
        yaws, pitches = np.array(errors["all"]["yaw"]), np.array(errors["all"]["pitch"])
        figures["within a deviation"] = [
            round(float((yaws < YAW_DEVIATION).mean()), 2),
            round(float((pitches < PITCH_DEVIATION).mean()), 2),
        ]
    if options.json:
        print(json.dumps(figures))
        return
    print(f"{options.count - missed} of {options.count} found, pose solved in {figures['milliseconds']} ms")
    for kind, by in errors.items():
        print(f"{kind} ({len(by['yaw'])})       median   95 %   most")
        for name, values in by.items():
            print(f"  {name:20} {spread(values)}")
    if options.sure:
        print(f"yaw, pitch within a deviation: {figures.get('within a deviation')}")


def _apart(one: np.ndarray, other: np.ndarray, known: np.ndarray) -> float:
    return float(np.linalg.norm(one - other, axis=1)[known].mean())


if __name__ == "__main__":
    main()

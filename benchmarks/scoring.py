"""How fast a dataset is scored: the project's way, a bare encoder loop, and one image with one word at a time.

    python benchmarks/scoring.py [--clip small] [--dataset DIR] [--images 500] [--words 33]
    python benchmarks/scoring.py --clip random          # a ViT-B-32 with random weights: as fast as with any others

The bare loop gets decoded pixels from memory and only runs the image encoder, the fastest this machine can do. The
project's way reads, decodes and encodes image files. The authors' way calls CLIP with one image and one word, so every
image is encoded once per word. Rounds alternate, so that other load on the machine hits all alike.
"""

import argparse
import io
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import open_clip
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from semantify_blender.core.dataset import Dataset
from semantify_blender.core.descriptors import BODY
from semantify_blender.core.errors import SemantifyError
from semantify_blender.training.scoring.clip import Clip, load_clip
from semantify_blender.training.scoring.images import batched_images
from semantify_blender.training.scoring.scores import score_embeddings

RANDOM = "random"


def drawn_images(count: int, size: int = 224) -> list[bytes]:
    """JPEGs of smooth random colours."""
    rng = np.random.default_rng(0)
    images = []
    for _ in range(count):
        picture = Image.fromarray(rng.integers(0, 255, (7, 7, 3), dtype=np.uint8))
        buffer = io.BytesIO()
        picture.resize((size, size), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=92)
        images.append(buffer.getvalue())
    return images


def random_clip(device: str | None) -> Clip:
    """A ViT-B-32 with random weights, from a file as a user's would be."""
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "random.pt"
        torch.manual_seed(0)
        torch.save(open_clip.create_model("ViT-B-32").state_dict(), weights)
        return load_clip(f"ViT-B-32:{weights}", device)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def bare_loop(clip: Clip, batches: list[torch.Tensor]) -> None:
    for pixels in batches:
        clip.encode_pixels(pixels)


def project_way(clip: Clip, images: list[bytes], text: np.ndarray) -> np.ndarray:
    return score_embeddings(clip.encode_images(images), text)


def authors_way(clip: Clip, images: list[bytes], words: list[str]) -> list[float]:
    found = []
    for image, word in itertools.product(images, words):
        found.append(float(clip.encode_images([image])[0] @ clip.encode_texts([word])[0]))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clip", default="small")
    parser.add_argument("--device", choices=("cpu", "cuda"))
    parser.add_argument("--dataset", type=Path, help="take pictures from here instead of drawn ones")
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--words", type=int, default=33)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        clip = random_clip(options.device) if options.clip == RANDOM else load_clip(options.clip, options.device)
        images = drawn_images(options.images)
        if options.dataset:
            pictures = (image for _, _, image in Dataset.open(options.dataset).images())
            images = list(itertools.islice(pictures, options.images))
    except SemantifyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    words = list((clip.vocabulary or BODY)[: options.words])
    text = clip.encode_texts(words)
    batches = list(batched_images(images, clip.loader, clip.batch))
    bare_loop(clip, batches[:1])
    few = images[:2]
    bare, ours, authors = [], [], []
    for _ in range(options.rounds):
        bare.append(len(images) / seconds(lambda: bare_loop(clip, batches)))
        ours.append(len(images) / seconds(lambda: project_way(clip, images, text)))
        authors.append(len(few) / seconds(lambda: authors_way(clip, few, words)))
    share = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
    result = {
        "clip": clip.name,
        "device": str(clip.device),
        "images": len(images),
        "words": len(words),
        "bare_encoder_images_per_s": statistics.median(bare),
        "project_images_per_s": statistics.median(ours),
        "share_of_bare": share,
        "one_image_one_word_images_per_s": statistics.median(authors),
        "times_faster_than_one_by_one": statistics.median(ours) / statistics.median(authors),
    }
    if options.json:
        print(json.dumps(result, indent=2))
        return 0
    print(f"CLIP {clip.name} on {clip.device}, {len(images)} images, {len(words)} words, median of {options.rounds}")
    print(f"  bare encoder loop    {result['bare_encoder_images_per_s']:9.1f} images/s")
    print(f"  semantify            {result['project_images_per_s']:9.1f} images/s, {share:.0%} of the bare loop")
    print(f"  one image, one word  {result['one_image_one_word_images_per_s']:9.2f} images/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

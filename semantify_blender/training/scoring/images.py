"""Image files to pixel batches, decoded in threads ahead of the encoder so that it never waits."""

import io
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from PIL import Image as PilImage
from PIL.Image import Image
from torchvision import transforms

from ...core.errors import SemantifyError


@dataclass(frozen=True)
class ImageLoader:
    """How one CLIP model wants its images.

    geometry: PIL image -> RGB PIL image of the model's size (open_clip's own resize and crop).
    mean, deviation: per channel, for values in 0..1.
    """

    geometry: Callable[[Image], Image]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def decode(self, image: bytes | Image) -> np.ndarray:
        """One image as (3, H, W) uint8. Raises SemantifyError for bytes that are no image."""
        try:
            opened = PilImage.open(io.BytesIO(image)) if isinstance(image, bytes) else image
            pixels = np.asarray(self.geometry(opened.convert("RGB")))
        except (OSError, SyntaxError, ValueError) as error:
            raise SemantifyError(f"an image cannot be read ({error}); render or export it again") from error
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))

    def normalise(self, pixels: torch.Tensor, device: torch.device) -> torch.Tensor:
        """(B, 3, H, W) uint8 on the CPU to normalised float32 on the device."""
        on_gpu = device.type == "cuda"
        moved = (pixels.pin_memory() if on_gpu else pixels).to(device, non_blocking=on_gpu)
        # channels last: a convolutional tower runs 1.4 times as fast on a CPU too, a transformer does not mind
        values = moved.to(torch.float32, memory_format=torch.channels_last)
        mean = 255 * torch.tensor(self.mean, device=device).view(1, -1, 1, 1)
        deviation = 255 * torch.tensor(self.deviation, device=device).view(1, -1, 1, 1)
        return (values - mean) / deviation


def loader_of(preprocess: transforms.Compose, label: str) -> ImageLoader:
    """Split open_clip's transform: geometry on uint8 in the threads, normalisation on the device.

    Raises SemantifyError for a mean or deviation that no picture survives.
    """
    steps = list(preprocess.transforms)
    normalise = steps[-1]
    geometry = [step for step in steps[:-1] if "totensor" not in type(step).__name__.lower()]
    mean, deviation = (
        torch.as_tensor(values, dtype=torch.float32).flatten() for values in (normalise.mean, normalise.std)
    )
    if not (torch.isfinite(mean).all() and torch.isfinite(deviation).all() and (deviation > 0).all()):
        raise SemantifyError(
            f"CLIP {label!r}: normalises pictures by mean {mean.tolist()} and deviation {deviation.tolist()}; "
            "get this model again"
        )
    return ImageLoader(transforms.Compose(geometry), tuple(mean.tolist()), tuple(deviation.tolist()))


def square_geometry(size: int) -> Callable[[Image], Image]:
    """Shorter side to `size` pixels, then the middle square: what open_clip does where a model says nothing."""
    bicubic = transforms.InterpolationMode.BICUBIC
    return transforms.Compose([transforms.Resize(size, bicubic), transforms.CenterCrop(size)])


def batched_images(
    images: Iterable[bytes | Image], loader: ImageLoader, batch: int, threads: int | None = None
) -> Iterator[torch.Tensor]:
    """(B, 3, H, W) uint8 batches in the images' order; the last one may be shorter.

    A few batches are decoded ahead and no more are read from `images`, so memory stays flat.
    """
    for _, pixels in batched_groups([(0, images)], loader, batch, threads):
        yield pixels


def batched_groups(
    groups: Iterable[tuple[int, Iterable[bytes | Image]]], loader: ImageLoader, batch: int, threads: int | None = None
) -> Iterator[tuple[int, torch.Tensor]]:
    """The same of numbered groups: (group, batch), and no batch has images of two groups.

    So a group's batches are the same whatever comes before it, and its first ones are decoded while the last group's
    are encoded.
    """
    threads = threads or min(16, os.cpu_count() or 1)
    piece = max(1, min(batch, 32))
    ahead: deque[tuple[int, Future[np.ndarray]]] = deque()
    decoded: list[np.ndarray] = []
    current = 0

    def decode_piece(part: list[bytes | Image]) -> np.ndarray:
        return np.stack([loader.decode(image) for image in part])

    def pieces() -> Iterator[tuple[int, list[bytes | Image]]]:
        for group, images in groups:
            source = iter(images)
            while part := list(islice(source, piece)):
                yield group, part

    source = pieces()
    with ThreadPoolExecutor(threads, thread_name_prefix="decode") as pool:
        limit = max(2 * batch // piece, 2 * threads)
        try:
            while True:
                while len(ahead) < limit and (found := next(source, None)) is not None:
                    ahead.append((found[0], pool.submit(decode_piece, found[1])))
                if not ahead:
                    break
                group, future = ahead.popleft()
                if decoded and group != current:
                    yield current, torch.from_numpy(np.concatenate(decoded))
                    decoded = []
                current = group
                decoded.append(future.result())
                while sum(map(len, decoded)) >= batch:
                    joined = np.concatenate(decoded)
                    decoded = [joined[batch:]] if len(joined) > batch else []
                    yield current, torch.from_numpy(joined[:batch])
        finally:
            for _, future in ahead:
                future.cancel()
    if decoded:
        yield current, torch.from_numpy(np.concatenate(decoded))

"""Encoders of pictures in torch: the embedded one, quicker than its NumPy form, or any CLIP."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812

from ...core.clip_names import SMALL
from ...core.descriptors import subject_of
from ...core.errors import SemantifyError
from ...core.fitting.encoder import BARE_WORD, Encoder
from ...core.fitting.image_encoder import ImageEncoder
from ...core.library import find
from ...core.model.morphable_model import MorphableModel
from ..scoring.clip import Clip, load_clip, place_of
from ..scoring.scores import encode_words


class PictureEncoder(Encoder, Protocol):
    """An encoder that tells how many pictures it embeds at once."""

    batch: int


class TorchEncoder:
    """An ImageEncoder evaluated by torch."""

    BATCH = 128

    def __init__(self, encoder: ImageEncoder, batch: int = BATCH, device: str | None = None) -> None:
        """batch: pictures embedded at once. device: as `load_clip` takes it."""
        self.encoder, self.batch = encoder, batch
        self.name, self.checksum, self.size = encoder.name, encoder.checksum, encoder.size
        self.clip_checksum = encoder.clip_checksum
        self.device = place_of(device)

        def placed(values: np.ndarray) -> torch.Tensor:
            return torch.from_numpy(values).to(self.device)

        self._weights = [(placed(layer.weight), placed(layer.bias)) for layer in encoder.convolutions]
        self._head = placed(encoder.head), placed(encoder.head_bias)

    @torch.inference_mode()
    def embed(self, pixels: np.ndarray) -> np.ndarray:
        """pixels: (N, S, S, 3) uint8. Returns (N, D) float32 of unit length."""
        parts = []
        for start in range(0, len(pixels), self.batch):
            part = torch.from_numpy(pixels[start : start + self.batch]).to(self.device)
            x = part.permute(0, 3, 1, 2).float() / 127.5 - 1
            x = x - x[:, :, :3].mean((2, 3), keepdim=True)
            for layer, (weight, bias) in zip(self.encoder.convolutions, self._weights, strict=True):
                y = F.relu(F.conv2d(x, weight, bias, layer.stride, layer.padding))
                x = x + y if layer.residual else y
            parts.append(F.normalize(F.linear(x.flatten(1), *self._head), dim=-1).cpu().numpy())
        return np.concatenate(parts)

    def text_embeddings(self, words: Sequence[str], templates: Sequence[str] = BARE_WORD) -> np.ndarray:
        """Returns (n, D). Raises SemantifyError for words or prompts that it does not know."""
        return self.encoder.text_embeddings(words, templates)


class ClipEncoder:
    """Any CLIP as an encoder of cut pictures."""

    def __init__(self, clip: Clip, size: int) -> None:
        """size: side of the pictures that the CLIP takes, pixels."""
        self.clip, self.size = clip, size
        self.name, self.checksum, self.batch = clip.name, clip.checksum, clip.batch
        self.clip_checksum = clip.checksum

    def embed(self, pixels: np.ndarray) -> np.ndarray:
        """pixels: (N, S, S, 3) uint8. Returns (N, D) float32 of unit length."""
        parts = []
        for start in range(0, len(pixels), self.batch):
            part = np.ascontiguousarray(pixels[start : start + self.batch].transpose(0, 3, 1, 2))
            parts.append(self.clip.encode_pixels(torch.from_numpy(part)).float().cpu().numpy())
        return np.concatenate(parts)

    def text_embeddings(self, words: Sequence[str], templates: Sequence[str] = BARE_WORD) -> np.ndarray:
        """Returns (n, D). Raises SemantifyError for words that it does not know."""
        return encode_words(self.clip, words, templates)


def load_picture_encoder(
    spec: str, model: MorphableModel, device: str | None = None, batch: int | None = None
) -> PictureEncoder:
    """The encoder that `--clip` names: "small" is the embedded one for the model's subject.

    device, batch: as --device and --batch say, None where they say nothing.

    Raises SemantifyError when it cannot be had.
    """
    if spec == SMALL:
        embedded = ImageEncoder.load(find("encoders", subject_of(model.metadata.get("family", ""))))
        return TorchEncoder(embedded, batch or TorchEncoder.BATCH, device)
    clip = load_clip(spec, device, batch=batch)
    return ClipEncoder(clip, picture_size(clip))


def picture_size(clip: Clip) -> int:
    """Side of the pictures that a CLIP takes, pixels. Raises SemantifyError where they are not square."""
    size = getattr(clip.model.visual, "image_size", None)
    sides = {size} if isinstance(size, int) else set(size or ())
    if len(sides) != 1:
        raise SemantifyError(f"CLIP {clip.name!r} takes pictures of {size}, not squares: choose another --clip")
    return int(sides.pop())

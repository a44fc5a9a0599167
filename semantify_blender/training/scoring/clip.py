"""Any CLIP behind one interface: the embedded small one, open_clip's models, or weights from a local file."""

import hashlib
import importlib.util
import logging
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from PIL.Image import Image
from torch import nn
from torchvision import transforms

from ...core.clip_names import SMALL
from ...core.descriptors import VOCABULARIES, subject_of
from ...core.errors import SemantifyError
from ...core.library import DATA
from .clip_folder import check_folder, check_weights_suffice, read_vocabulary
from .clip_network import is_cached, offline, why_unreachable
from .clip_weights import QUICK, activation_of, check_sound, check_useful, published_state
from .images import ImageLoader, batched_images

SMALL_NAMES = {"body": "small", "face": "small-face", "animal": "small-animal"}
"""Subject -> name of the embedded small CLIP that was trained on its pictures, also its folder in the data."""


SEEN = ("anny-body", "anny-face-shape", "anny-face-expression", "quadruped")
"""Families whose renders the small CLIPs were trained on."""


def caution(clip_name: str, family: str) -> str | None:
    """One sentence when a small CLIP is asked about a family of models that it never saw; else None."""
    if clip_name in SMALL_NAMES.values() and family not in SEEN:
        return (
            f"the embedded CLIP {clip_name!r} has seen the embedded models only, none of family {family!r}: take its "
            "scores as a trial of the line, and give --clip ViT-B-32:openai for real ones"
        )
    return None


@dataclass(frozen=True, eq=False)
class Clip:
    """A CLIP model ready to encode.

    name: as the user asked for it, without machine paths. checksum: hex SHA-256 over the weights.
    vocabulary: the only words it knows, or None when it knows language at large.
    wanted_batch: pictures encoded at once where somebody said so (--batch); None leaves it to `batch`.
    remark: one sentence on what was taken for granted while it was loaded, to be shown to the user; else None.
    """

    name: str
    checksum: str
    model: nn.Module
    tokenizer: Any
    loader: ImageLoader
    device: torch.device
    vocabulary: tuple[str, ...] | None = None
    wanted_batch: int | None = None
    remark: str | None = None

    @property
    def batch(self) -> int:
        """Pictures encoded at once: as wanted, else what keeps the device busy without needing much memory."""
        return self.wanted_batch or (512 if self.device.type == "cuda" else 32)

    def check_words(self, words: Sequence[str]) -> None:
        """Raise SemantifyError naming the words outside the vocabulary of a model that has one."""
        if self.vocabulary is None:
            return
        known = {word.lower() for word in self.vocabulary}
        unknown = [word for word in words if word.lower() not in known]
        if unknown:
            others = (
                f"--vocabulary {name}, whose small CLIP knows that, or "
                for name, known_there in VOCABULARIES.items()
                if SMALL_NAMES[subject_of(name)] != self.name and {word.lower() for word in unknown} <= {*known_there}
            )
            raise SemantifyError(
                f"the CLIP model {self.name!r} does not know {', '.join(map(repr, unknown))}: it knows only "
                f"{', '.join(self.vocabulary)}; for any other word give {next(others, '')}a full CLIP, for example "
                "--clip ViT-B-32:openai"
            )

    def encode_images(self, images: Iterable[bytes | Image]) -> np.ndarray:
        """Embed images. Decoding runs in threads ahead of the encoder.

        images: encoded files' bytes or PIL images. Returns (N, D) float16, L2-normalised.
        Raises SemantifyError for bytes that are no image.
        """
        parts = list(self.iterate_image_batches(images))
        return np.concatenate(parts) if parts else np.zeros((0, self.dimension), np.float16)

    def iterate_image_batches(self, images: Iterable[bytes | Image]) -> Iterator[np.ndarray]:
        """The same, a batch at a time: (B, D) float16 arrays."""
        waiting: torch.Tensor | None = None
        for pixels in batched_images(images, self.loader, self.batch):
            embedded = self.encode_pixels(pixels)
            # one batch late, so that a GPU works on the next one while this one is copied back
            if waiting is not None:
                yield waiting.cpu().numpy()
            waiting = embedded
        if waiting is not None:
            yield waiting.cpu().numpy()

    @torch.inference_mode()
    def encode_pixels(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed decoded images. pixels: (B, 3, H, W) uint8 at the model's size. Returns (B, D) float16, on device."""
        with self._autocast():
            features = self.model.encode_image(self.loader.normalise(pixels, self.device))  # type: ignore[operator]
        return nn.functional.normalize(features.float(), dim=-1).half()

    @torch.inference_mode()
    def encode_texts(self, prompts: Sequence[str], batch: int = 256) -> np.ndarray:
        """Embed texts. Returns (n, D) float32, L2-normalised. The vocabulary is checked by `check_words`, not here."""
        parts = []
        prompts = list(prompts)
        for start in range(0, len(prompts), batch):
            tokens = self.tokenizer(prompts[start : start + batch]).to(self.device)
            # text is a few hundred prompts at most: full precision costs nothing and words stay comparable
            features = self.model.encode_text(tokens).float()  # type: ignore[operator]
            parts.append(nn.functional.normalize(features, dim=-1).cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros((0, self.dimension), np.float32)

    @cached_property
    def dimension(self) -> int:
        """D, the length of an embedding. Asked of the text tower, once."""
        return self.encode_texts(["a"]).shape[1]

    def _autocast(self) -> AbstractContextManager:
        return torch.autocast("cuda", torch.bfloat16) if self.device.type == "cuda" else nullcontext()


def load_clip(spec: str = SMALL, device: str | None = None, subject: str = "body", batch: int | None = None) -> Clip:
    """Load a CLIP model by what `--clip` says: small, NAME:TAG, NAME:FILE or local-dir:FOLDER.

    device: "cpu", "cuda" or None for CUDA when present. subject: which of the small ones "small" means (see
    `core.descriptors.subject_of`); each may also be named: small-face, small-animal. batch: pictures encoded at once.
    Raises SemantifyError: unknown model or tag, weights that cannot be had, a file that is not this model's weights.
    """
    _check_torch()
    place = _place(device)
    logging.getLogger().setLevel(max(logging.getLogger().level, logging.WARNING))
    if spec == SMALL:
        spec = SMALL_NAMES[subject]
    embedded = spec in SMALL_NAMES.values()
    vocabulary = None
    if embedded or spec.startswith("local-dir:"):
        folder = DATA / "clip" / spec if embedded else Path(spec.removeprefix("local-dir:")).expanduser()
        if embedded and not folder.is_dir():
            raise SemantifyError(f"the embedded CLIP {spec!r} is missing: reinstall the package or give another --clip")
        vocabulary = read_vocabulary(folder)
        loaded = _load_folder(folder)
    else:
        loaded = _load_named(spec)
    check_sound(loaded.model, spec)
    model = loaded.model.eval().to(place)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    checksum = state_checksum(model)
    name = spec if embedded else loaded.name
    if loaded.local and not embedded:  # two local files may share a name
        name = f"{name}-{checksum[:8]}"
    loader = _image_loader(loaded.preprocess, spec)
    clip = Clip(name, checksum, model, loaded.tokenizer, loader, place, vocabulary, batch, loaded.remark)
    try:
        check_useful(clip.encode_images, clip.encode_texts, spec)
    except (RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise SemantifyError(f"CLIP {spec!r} cannot encode a picture and a word ({_first_line(error)})") from error
    return clip


def state_checksum(model: nn.Module) -> str:
    """Hex SHA-256 over the names and values of a model's weights, and over its activation where that is QuickGELU."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    if any(isinstance(module, open_clip.transformer.QuickGELU) for module in model.modules()):
        digest.update(b"QuickGELU")  # the same weights mean something else with it
    return digest.hexdigest()


def file_name(name: str) -> str:
    """A model's name as part of a file name: "ViT-B-32:openai" -> "ViT-B-32_openai"."""
    return re.sub(r"[^\w.-]+", "_", name)


@dataclass(frozen=True, eq=False)
class _Loaded:
    """What a --clip gives. name: without a file's folder. local: not from one of open_clip's tags."""

    name: str
    model: nn.Module
    preprocess: Any
    tokenizer: Any
    remark: str | None = None
    local: bool = True


def _check_torch() -> None:
    """Before 2.6 torch.load executes what a weights file holds, unless every caller asks it not to."""
    major, minor = (int(part) for part in torch.__version__.split(".")[:2])
    if (major, minor) < (2, 6):
        raise SemantifyError(
            f"torch {torch.__version__} may execute what is in a weights file: pip install --upgrade 'torch>=2.6'"
        )


def _place(device: str | None) -> torch.device:
    if device == "cuda" and not torch.cuda.is_available():
        raise SemantifyError("--device cuda: torch finds no CUDA device here; leave --device out, or give cpu")
    return torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))


def _load_folder(folder: Path) -> _Loaded:
    """open_clip's `local-dir:` format; our own tower is registered with timm first. The network is never asked."""
    config = check_folder(folder)
    if "timm_model_name" in config["model_cfg"]["vision_cfg"]:
        from . import small_clip  # noqa: F401 - importing registers its tower with timm
    try:
        with offline(), _silent():
            check_weights_suffice(folder)
            tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
            model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{folder}", require_pretrained=True)
        return _Loaded(f"local-dir:{folder.name}", model, preprocess, tokenizer)
    except SemantifyError:
        raise
    except ImportError as error:
        raise _needs_package(f"local-dir:{folder}", error) from error
    except Exception as error:
        raise SemantifyError(f"{folder}: open_clip cannot load this model ({_first_line(error)})") from error


def _known_name(name: str) -> str | None:
    """open_clip's own spelling of a model's name, also for OpenAI's (ViT-B/32, ViT-L/14@336px); None when unknown."""
    known = {model.lower(): model for model in open_clip.list_models()}
    return known.get(re.sub(r"(?<=\d)px\b", "", re.sub(r"[/@]", "-", name.lower())))


def _load_named(spec: str) -> _Loaded:
    """NAME:TAG or NAME:FILE of open_clip."""
    given, _, weights = spec.partition(":")
    name = _known_name(given)
    if name is None:
        near = [known for known in open_clip.list_models() if known.lower().startswith(given.lower()[:5])]
        folder = f"; for a folder give local-dir:{spec}" if Path(spec).is_dir() else ""
        raise SemantifyError(
            f"unknown CLIP model {given!r}: give {', '.join(SMALL_NAMES.values())}, or one of open_clip's names"
            f"{', for example ' + ', '.join(near[:8]) if near else ' such as ViT-B-32'}, followed by :TAG or :FILE"
            f"{folder}"
        )
    _check_packages(name)
    tags = open_clip.list_pretrained_tags_by_model(name)
    if weights in tags:
        return _load_tag(name, weights)
    path = Path(weights).expanduser()
    if not weights or not path.is_file():
        raise SemantifyError(
            f"CLIP model {name!r} has no weights {weights!r}: give a local weights file or one of these tags after "
            f"the colon: {', '.join(tags)}"
        )
    try:
        return _load_file(name, path)
    except ImportError as error:
        raise _needs_package(name, error) from error
    except Exception as error:
        raise SemantifyError(f"{path}: is not a weights file of CLIP model {name!r} ({_first_line(error)})") from error


def _load_file(name: str, path: Path) -> _Loaded:
    """Weights from a local file, with the activation they were trained with."""
    with _silent():
        tokenizer = open_clip.get_tokenizer(name)
        state = published_state(path)
        if state is not None:
            # open_clip's own reader of this form would fall back to a plain pickle
            quick, remark = True, None
            model, _, preprocess = open_clip.create_model_and_transforms(name, force_quick_gelu=True)
            model.load_state_dict(state, strict=True)
        else:
            found = activation_of(name, path)
            quick, remark = found.quick, found.remark
            model, _, preprocess = open_clip.create_model_and_transforms(
                name, pretrained=str(path), force_quick_gelu=quick, require_pretrained=True
            )
    if quick and not name.endswith(QUICK) and name + QUICK in open_clip.list_models():
        name += QUICK
    return _Loaded(f"{name}:{path.stem}", model, preprocess, tokenizer, remark)


def _load_tag(name: str, tag: str) -> _Loaded:
    """Weights of one of open_clip's tags: those on this machine, else from the network, if it answers."""
    spec, config = f"{name}:{tag}", open_clip.get_pretrained_cfg(name, tag)
    # open_clip only warns when the weights want QuickGELU and the named architecture does not use it
    quick = {"force_quick_gelu": True} if config.get("quick_gelu") else {}
    try:
        ready = is_cached(config)
        reason = None if ready else why_unreachable(config)
        if reason is None:
            with offline() if ready else nullcontext(), _silent():
                tokenizer = open_clip.get_tokenizer(name)
                model, _, preprocess = open_clip.create_model_and_transforms(name, pretrained=tag, **quick)
            return _Loaded(spec, model, preprocess, tokenizer, local=False)
    except ImportError as error:
        raise _needs_package(name, error) from error
    except Exception as error:
        reason = _first_line(error)
    raise SemantifyError(
        f"the weights of CLIP {spec!r} cannot be had here ({reason}): give a local weights file, "
        f"--clip {name}:FILE, or run once on a machine with network and copy its cache (~/.cache/huggingface)"
    )


def _check_packages(name: str) -> None:
    """Before anything is fetched. Raises SemantifyError when the model's texts need a package that is not here."""
    text = (open_clip.get_model_config(name) or {}).get("text_cfg", {})
    if ("hf_tokenizer_name" in text or "hf_model_name" in text) and importlib.util.find_spec("transformers") is None:
        raise _needs_package(name, ModuleNotFoundError(name="transformers"))


def _needs_package(name: str, error: ImportError) -> SemantifyError:
    """SigLIP and some others have tokenizers of other packages."""
    missing = error.name if isinstance(error, ModuleNotFoundError) and error.name else _first_line(error)
    return SemantifyError(
        f"CLIP model {name!r} needs another Python package ({missing}): "
        f"{sys.executable} -m pip install transformers sentencepiece"
    )


@contextmanager
def _silent() -> Iterator[None]:
    """Within it libraries log nothing: a failure is told once, in a sentence."""
    before = logging.root.manager.disable
    try:
        logging.disable(logging.CRITICAL)
        yield
    finally:
        logging.disable(before)


def _image_loader(preprocess: transforms.Compose, label: str) -> ImageLoader:
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


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return " ".join(islice((line.strip() for line in text.splitlines() if line.strip()), 1))[:160]

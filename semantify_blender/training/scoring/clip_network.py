"""Whether the weights of one of open_clip's tags are on this machine, and whether the network can be asked for them.

The libraries below retry for a minute and fill the terminal before they give up; here one question decides.
"""

import contextlib
import os
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from open_clip.constants import HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME

PATIENCE = 5.0
"""Seconds that the network may take to answer."""


def is_cached(config: dict[str, Any]) -> bool:
    """Whether the weights of a tag (open_clip's config of it) are on this machine."""
    if not config.get("hf_hub"):
        return (Path.home() / ".cache" / "clip" / Path(str(config.get("url", ""))).name).is_file()
    from huggingface_hub import try_to_load_from_cache

    repository, name = os.path.split(config["hf_hub"])
    names = [name or HF_WEIGHTS_NAME, HF_SAFE_WEIGHTS_NAME]
    if name.endswith((".bin", ".pth")):
        names.append(f"{name[:-4]}.safetensors")
    return any(isinstance(try_to_load_from_cache(repository, name), str) for name in names)


def why_unreachable(config: dict[str, Any]) -> str | None:
    """None when the place that a tag's weights come from answers, whatever it says; else why it does not."""
    found: list[str | None] = []

    def ask() -> None:
        try:
            if config.get("hf_hub"):
                from huggingface_hub import constants
                from huggingface_hub.utils import get_session

                get_session().head(constants.ENDPOINT, timeout=PATIENCE)
            else:
                urllib.request.urlopen(urllib.request.Request(config["url"], method="HEAD"), timeout=PATIENCE).close()
            found.append(None)
        except urllib.error.HTTPError:
            found.append(None)
        except Exception as error:
            found.append(str(error).strip().splitlines()[0][:100] if str(error).strip() else type(error).__name__)

    # names are looked up without any limit of time
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE + 2)
    return found[0] if found else f"no answer in {PATIENCE:g} s"


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """Within it the libraries that could ask the network use what is on this machine, or fail at once."""
    from huggingface_hub import constants

    names = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    kept = {name: os.environ.get(name) for name in names}
    before = constants.HF_HUB_OFFLINE
    try:
        for name in names:
            os.environ[name] = "1"
        # read from the environment when it was imported
        constants.HF_HUB_OFFLINE = True
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

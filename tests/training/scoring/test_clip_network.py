"""Weights that must be fetched: without a network one sentence soon, not a minute of retries."""

import http.server
import os
import socket
import threading
import time

import open_clip
import pytest
from huggingface_hub import constants

from semantify_blender.core.errors import SemantifyError
from semantify_blender.training.scoring import clip_network, clip_sources, clip_tokenizer
from semantify_blender.training.scoring.clip import load_clip

HUB = {"hf_hub": "somebody/something/"}


@pytest.fixture
def endpoint(monkeypatch):
    """Points the hub, and a tag's own address, at a port of this machine."""

    def point(port: int) -> dict[str, str]:
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{port}")
        return {"url": f"http://127.0.0.1:{port}/weights.pt"}

    monkeypatch.setattr(clip_network, "PATIENCE", 0.3)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return point


def test_a_place_that_answers_is_reachable_whatever_it_says(endpoint):
    class Refuses(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_error(404)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuses)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        direct = endpoint(server.server_port)
        assert clip_network.why_unreachable(HUB) is None
        assert clip_network.why_unreachable(direct) is None
    finally:
        server.shutdown()
        server.server_close()


def test_a_place_that_is_silent_or_closed_is_told_soon(endpoint):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        direct = endpoint(listener.getsockname()[1])
        start = time.monotonic()
        assert clip_network.why_unreachable(HUB)
        assert clip_network.why_unreachable(direct)
        assert time.monotonic() - start < 8
    assert clip_network.why_unreachable(HUB)  # closed now
    assert clip_network.why_unreachable(direct)


def test_a_name_that_is_looked_up_for_ever_is_not_waited_for(endpoint, monkeypatch):
    endpoint(9)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(60))
    start = time.monotonic()
    assert clip_network.why_unreachable({"url": "http://weights.invalid/weights.pt"}) == "no answer in 0.3 s"
    assert time.monotonic() - start < 10


def test_without_a_network_nothing_is_tried_twice(monkeypatch, capfd):
    monkeypatch.setattr(clip_sources, "is_cached", lambda config: False)
    monkeypatch.setattr(clip_sources, "why_unreachable", lambda config: "no route to host")
    monkeypatch.setattr(open_clip, "create_model_and_transforms", lambda *_, **__: pytest.fail("it was tried"))
    with pytest.raises(SemantifyError, match=r"no route to host.*--clip ViT-B-32:FILE"):
        load_clip("ViT-B/32:openai", "cpu")
    assert capfd.readouterr() == ("", "")


def test_what_is_cached_is_loaded_offline(monkeypatch):
    seen = []

    def remember(*_, **__):
        seen.append((constants.HF_HUB_OFFLINE, os.environ["HF_HUB_OFFLINE"], os.environ["TRANSFORMERS_OFFLINE"]))
        raise OSError("stop here")

    before = (constants.HF_HUB_OFFLINE, os.environ.get("HF_HUB_OFFLINE"))
    monkeypatch.setattr(clip_sources, "is_cached", lambda config: True)
    monkeypatch.setattr(clip_sources, "why_unreachable", lambda config: pytest.fail("the network was asked"))
    monkeypatch.setattr(open_clip, "create_model_and_transforms", remember)
    with pytest.raises(SemantifyError, match="stop here"):
        load_clip("ViT-B-32:openai", "cpu")
    assert seen == [(True, "1", "1")]
    assert (constants.HF_HUB_OFFLINE, os.environ.get("HF_HUB_OFFLINE")) == before


def test_weights_in_the_cache_are_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    direct = {"url": "http://127.0.0.1/ViT.pt"}
    assert not clip_network.is_cached(direct)
    (tmp_path / ".cache" / "clip").mkdir(parents=True)
    (tmp_path / ".cache" / "clip" / "ViT.pt").write_bytes(b"x")
    assert clip_network.is_cached(direct)
    assert not clip_network.is_cached(HUB)


def test_a_tokenizer_of_another_package_is_named_before_anything_is_fetched(monkeypatch):
    monkeypatch.setattr(clip_tokenizer.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(clip_sources, "why_unreachable", lambda config: pytest.fail("the network was asked"))
    with pytest.raises(
        SemantifyError, match=r"'ViT-B-16-SigLIP' needs .*transformers.*pip install transformers.*\[siglip\]"
    ):
        load_clip("ViT-B-16-SigLIP:webli", "cpu")

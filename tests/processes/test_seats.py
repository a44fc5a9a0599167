"""How many processes render on a machine, and which processor each has."""

import os
from pathlib import Path

import pytest

from semantify_blender.core.devices import Device
from semantify_blender.core.errors import SemantifyError
from semantify_blender.processes import seats
from semantify_blender.processes.seats import Seat, seats_for


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    """A machine with so many cores and cards."""

    def make(cores: int, cards: int) -> None:
        monkeypatch.setattr(seats, "cores", lambda: cores)
        monkeypatch.setattr(seats, "graphics_cards", lambda: cards)
        monkeypatch.setattr(seats, "_has_graphics", lambda: cards > 0)

    return make


def test_on_a_cpu_each_process_has_some_cores(machine) -> None:
    machine(16, 0)
    each = 16 // (16 // seats.CORES_EACH)
    assert seats_for("cycles", 100) == [Seat(None, each)] * (16 // seats.CORES_EACH)
    assert seats_for("cycles", 100, jobs=3) == [Seat(None, 5)] * 3
    assert seats_for("cycles", 2, jobs=8) == [Seat(None, 8)] * 2, "no more processes than shards"
    assert seats_for("cycles", 0) == [Seat()]
    assert seats_for("cycles", 100, device="cpu")[0] == Seat("cpu", each)
    machine(1, 0)
    assert seats_for("cycles", 100) == [Seat()]


def test_each_graphics_card_has_a_process(machine) -> None:
    machine(16, 4)
    assert seats_for("cycles", 100) == [Seat(f"gpu:{i}") for i in range(4)]
    assert seats_for("cycles", 100, device="optix") == [Seat(f"optix:{i}") for i in range(4)]
    assert seats_for("cycles", 100, device="cuda:2") == [Seat("cuda:2")]
    assert seats_for("cycles", 100, jobs=6)[4:] == [Seat("gpu:0"), Seat("gpu:1")]
    assert seats_for("cycles", 2) == [Seat("gpu:0"), Seat("gpu:1")]
    assert seats_for("eevee", 100) == [Seat()]
    machine(16, 1)
    assert seats_for("cycles", 100) == [Seat()]


def test_named_devices_are_taken_in_turn(machine) -> None:
    machine(8, 0)
    assert seats_for("cycles", 100, devices=["gpu:0", "gpu:2"]) == [Seat("gpu:0"), Seat("gpu:2")]
    assert seats_for("cycles", 100, devices=["cpu", "cpu"]) == [Seat("cpu", 4), Seat("cpu", 4)]
    mixed = seats_for("cycles", 100, jobs=4, devices=["cpu", "cuda:0"])
    assert mixed == [Seat("cpu", 4), Seat("cuda:0"), Seat("cpu", 4), Seat("cuda:0")]


def test_a_seat_is_told_to_its_process() -> None:
    seat = Seat("cuda:1", 3)
    assert seat.words() == ["--device", "cuda:1", "--threads", "3"]
    assert seat.environment()["OMP_NUM_THREADS"] == "3"
    assert (Seat().words(), Seat().environment()) == ([], {})


def test_cards_are_those_that_the_job_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for text, count in (("0,1,2", 3), ("", 0), ("-1", 0), ("GPU-8932f937", 1)):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", text)
        assert seats.graphics_cards() == count
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    for name in ("0000:01:00.0", "0000:41:00.0"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(seats, "_CARDS", tmp_path)
    assert seats.graphics_cards() == 2


@pytest.mark.skipif(os.name == "nt", reason="control groups are Linux's")
def test_cores_are_those_that_a_container_allows(tmp_path: Path) -> None:
    of_process = tmp_path / "cgroup"
    of_process.write_text("0::/batch/job\n")
    for folder, text in (("", "max 100000"), ("batch", "600000 100000"), ("batch/job", "max 100000")):
        (tmp_path / "fs" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "fs" / folder / "cpu.max").write_text(text)
    assert seats._quota(tmp_path / "fs", of_process) == 6.0
    assert seats._quota(tmp_path / "none", of_process) is None
    of_process.write_text("4:cpu,cpuacct:/job\n1:memory:/job\n")
    (tmp_path / "fs" / "cpu" / "job").mkdir(parents=True)
    for name, text in (("quota", "150000"), ("period", "100000")):
        (tmp_path / "fs" / "cpu" / "job" / f"cpu.cfs_{name}_us").write_text(text)
    assert seats._quota(tmp_path / "fs", of_process) == 1.5


@pytest.mark.parametrize("text", ["", "tpu", "cuda:", "cuda:x", "cpu:1", "1:2", "cuda:1:2", "-1", "²"])
def test_a_device_that_is_none_is_one_sentence(text: str) -> None:
    with pytest.raises(SemantifyError, match=r"give one of cpu, gpu, cuda, .*as cuda:1"):
        Device.parse(text)


def test_devices_have_their_names_for_torch() -> None:
    names = {"cpu": "cpu", "3": "cuda:3", "CUDA:1": "cuda:1", "optix": "cuda", "hip:0": "cuda:0"}
    assert {text: Device.parse(text).torch for text in names} == names
    with pytest.raises(SemantifyError, match="'oneapi:0' cannot encode"):
        _ = Device.parse("oneapi:0").torch

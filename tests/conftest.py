"""Which tiers ran: a tier that cannot run says so loudly, and where all are required it is a failure.

A test that belongs to a tier and cannot run skips with a reason that begins with "TIER MISSING". With
SEMANTIFY_REQUIRE_ALL_TIERS=1 (continuous integration) such a skip is an error. What the caller could not even start (a
Blender whose Python this machine lacks) it names in SEMANTIFY_DID_NOT_RUN, and that is said as loudly.
"""

import os
import sys

import pytest

MARK = "TIER MISSING"
# what only `make models` needs is not there where tests run, so nothing may come to need it here unseen
sys.modules["anny"] = None  # type: ignore[assignment]
_missing: dict[str, int] = {}
_exit_status = 0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--repeat", type=int, default=1, help="how often to run the tests that load and save .blend files")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    times = metafunc.config.getoption("repeat")
    if times > 1 and ".addon.test_files" in metafunc.module.__name__:
        # a crash in Blender's own bookkeeping comes once in several runs
        metafunc.fixturenames.append("repetition")
        metafunc.parametrize("repetition", range(1, times + 1))


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)


def _note(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and MARK in _reason(report):
        tier = _reason(report).split(MARK, 1)[1].strip()
        _missing[tier] = _missing.get(tier, 0) + 1
        if os.environ.get("SEMANTIFY_REQUIRE_ALL_TIERS") == "1":
            report.outcome = "failed"
            report.longrepr = f"a required tier did not run: {tier}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    _note(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    report = yield
    _note(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for tier, count in _missing.items():
        terminalreporter.write_line(f"DID NOT RUN: {tier} (tests skipped: {count})", red=True, bold=True)
    if not_started := os.environ.get("SEMANTIFY_DID_NOT_RUN"):
        terminalreporter.write_line(f"DID NOT RUN: {not_started}", red=True, bold=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    global _exit_status
    _exit_status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if "bpy" in sys.modules:
        # bpy as a module hangs or crashes while Python shuts down after an add-on was registered (4.2, 4.5)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_exit_status)

"""Bars on a terminal and nowhere else; --quiet and --verbose; Ctrl-C leaves nothing half done."""

from __future__ import annotations

import io
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import run, write_region

from regionmap.cli.progress import telling
from regionmap.progress import task, track

CLI = [sys.executable, "-m", "regionmap"]
WORK = """
import sys, time
from regionmap.cli import progress
from regionmap.progress import task, track
progress.Bars.__init__.__defaults__ = (0.1,)
with progress.telling(quiet={quiet}):
    for _ in track(range(3), "over at once"):
        pass
    for step in track(range(4), "long work [of] "):
        print("step", step)
        for _ in track(range(2), "a part"):
            time.sleep(0.15)
    with task("nobody knows how long"):
        time.sleep(0.3)
print("done")
"""


def on_a_terminal(words: list[str], stdout: Any = None) -> tuple[str, int]:
    """What a program shows on a terminal (its stderr, and its stdout if that is sent nowhere else)."""
    ours, theirs = pty.openpty()
    work = subprocess.Popen(words, stdin=theirs, stdout=stdout or theirs, stderr=theirs, env={**os.environ, "TERM": "xterm", "COLUMNS": "90"})
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    return shown.decode(), work.wait()


def test_long_work_has_a_bar_on_a_terminal(tmp_path: Path) -> None:
    words = [sys.executable, "-c", WORK.format(quiet=False)]
    shown, code = on_a_terminal(words)
    assert code == 0 and shown.index("step 0") < shown.index("long work [of] ") < shown.index("a part")
    assert "4/4" in shown or "3/4" in shown
    assert "nobody knows how long" in shown and "over at once" not in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l"), "the cursor comes back"
    with (tmp_path / "out.txt").open("wb") as file:  # what goes to a file stays whole
        shown, _ = on_a_terminal(words, file)
    assert "long work" in shown and "step" not in shown
    assert (tmp_path / "out.txt").read_text().split("\n") == [*(f"step {n}" for n in range(4)), "done", ""]


@pytest.mark.parametrize("quiet", [True, False])
def test_no_bar_for_files_nor_with_quiet(quiet: bool) -> None:
    words = [sys.executable, "-c", WORK.format(quiet=quiet)]
    if quiet:
        shown, _ = on_a_terminal(words)
        assert shown.replace("\r", "") == "".join(f"step {n}\n" for n in range(4)) + "done\n"
    else:
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        assert done.stderr == "" and done.stdout.endswith("done\n")


def test_a_dumb_terminal_and_work_that_is_over_at_once_show_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    for name, seconds in (("dumb", 0.0), ("xterm", 0.0)):
        screen = Screen()
        monkeypatch.setenv("TERM", name)
        monkeypatch.setattr(sys, "stderr", screen)
        with telling(), task("short"):
            assert list(track("ab", "shorter")) == ["a", "b"]
            time.sleep(seconds)
        assert screen.getvalue() == ""


def test_quiet_and_verbose(capsys: Any, tmp_path: Path) -> None:
    data, file = str(write_region(tmp_path / "geodata")), str(tmp_path / "out.gpkg")
    code, out, err = run(capsys, "export", file, "--data", data)
    assert code == 0 and "7 rows" in out and err == ""
    assert run(capsys, "export", file, "--data", data, "--quiet") == (0, "", "")
    code, out, err = run(capsys, "export", file, "--data", data, "-v")
    assert code == 0 and "7 rows" in out
    for said in ("regionmap.cli: regionmap ", "regionmap.plans.region: 7 records and 0 targets placed", f": wrote {file}"):
        assert said in err
    code, out, _ = run(capsys, "find", "丁园", "--data", data, "--quiet")
    assert code == 0 and "p1/park" in out  # the answer itself is never quiet
    code, _, err = run(capsys, "locate", "丁元", "--data", data, "-q")
    assert code == 1 and "nearest names" in err
    assert run(capsys, "list", "-q", "-v")[0] == 2


def test_every_verb_can_be_quiet_and_verbose() -> None:
    from regionmap.cli import parser

    (verbs,) = (a for a in parser()._actions if a.dest == "verb")
    for name, sub in verbs.choices.items():  # type: ignore[union-attr]
        assert {"--quiet", "--verbose"} <= set(sub._option_string_actions), name


def begun(work: subprocess.Popen[str]) -> None:
    """Wait until the verb is at work: the first line of --verbose."""
    assert work.stderr is not None
    assert "regionmap.cli: regionmap" in work.stderr.readline()


def interrupted(words: list[Any], ready: Callable[[], bool]) -> subprocess.CompletedProcess[str]:
    """Start a verb, press Ctrl-C when `ready`, and wait for its end."""
    work = subprocess.Popen([*CLI, *map(str, words), "-v"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    begun(work)
    until = time.monotonic() + 60
    while not ready() and work.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    work.send_signal(signal.SIGINT)
    out, err = work.communicate(timeout=60)
    said = [line for line in err.splitlines() if not line.startswith("regionmap.")]  # without the log
    return subprocess.CompletedProcess(words, work.returncode, out, "\n".join(said))


SAID = "regionmap: interrupted; no file is half written"


def test_ctrl_c_while_maps_are_built(tmp_path: Path) -> None:
    """Pages that were finished stay, whole; of the one that was being made there is nothing."""
    out = tmp_path / "maps"
    done = interrupted(["build", "--out", out], lambda: any(out.glob("*.html")))
    assert (done.returncode, done.stderr) == (130, SAID)
    assert [p for p in out.iterdir() if p.suffix == ".html"] == list(out.iterdir())
    assert all(p.read_bytes().rstrip().endswith(b"</html>") for p in out.iterdir())


@pytest.mark.parametrize("name", ["out.gpkg", "out.xlsx"])
def test_ctrl_c_while_a_file_is_written(name: str, tmp_path: Path) -> None:
    """The old file stays as it was, and what was written so far is gone."""
    writing = lambda: len(list(tmp_path.iterdir())) > 1  # noqa: E731
    for _ in range(8):
        (tmp_path / name).write_bytes(b"old")
        done = interrupted(["export", tmp_path / name], writing)
        if done.returncode:
            break
        assert (tmp_path / name).stat().st_size > 10_000  # it was quicker than the signal: once more
    assert (done.returncode, done.stderr) == (130, SAID)
    assert [p.name for p in tmp_path.iterdir()] == [name] and (tmp_path / name).read_bytes() == b"old"


def test_ctrl_c_while_a_table_is_checked(tmp_path: Path) -> None:
    rows = "".join(f"项目{n},{121 + n / 1e5:.5f},41.50000,2021-2025\n" for n in range(40_000))
    (tmp_path / "list.csv").write_text("名称,经度,纬度,建设年限\n" + rows, "utf-8")
    started = time.monotonic()
    done = interrupted(["check", tmp_path / "list.csv", "--fixed", tmp_path / "back.xlsx"], lambda: time.monotonic() - started > 1.0)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", SAID)
    assert [p.name for p in tmp_path.iterdir()] == ["list.csv"]


STRUCK = """
import signal, sys
from regionmap import cli
class Left:
    def __del__(self):
        raise ValueError("a file that was closed behind its back")
def struck():
    left = Left()
    {}
cli.parser = struck
sys.exit(cli.main([]))
"""


@pytest.mark.parametrize(
    "code",
    [
        "signal.raise_signal(signal.SIGINT)",
        "exec('signal.raise_signal(signal.SIGINT)')",  # CPython would end by signal at its exit
        "\n    try: signal.raise_signal(signal.SIGINT)\n    finally: [].pop()",  # a library fails at tidying up
        "\n    try: signal.raise_signal(signal.SIGINT)\n    except BaseException: raise ImportError('numpy') from None",
    ],
)
def test_ctrl_c_is_one_line_whatever_it_struck(code: str, tmp_path: Path) -> None:
    (tmp_path / "struck.py").write_text(STRUCK.format(code), "utf-8")
    source = f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    words = [sys.executable, "-m", "struck"]
    done = subprocess.run(words, env={**os.environ, "PYTHONPATH": source}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", SAID + "\n")


def test_the_caller_s_own_ctrl_c_comes_back(capsys: Any) -> None:
    before = signal.getsignal(signal.SIGINT)
    run(capsys, "new", "--help")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_new_region_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from regionmap.plans.reading import template

    def stop(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(template, "workbook", stop)  # the last file to be written
        assert run(capsys, "new", str(tmp_path / "region")) == (130, "", SAID + "\n")
    assert not list(tmp_path.iterdir())
    assert run(capsys, "new", str(tmp_path / "region"), "-q") == (0, "", "")
    assert oct((tmp_path / "region").stat().st_mode)[-3:] == oct(0o777 & ~umask())[-3:]
    assert run(capsys, "build", "-q", "--data", str(tmp_path / "region/geodata"), "--out", str(tmp_path / "maps")) == (0, "", "")


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

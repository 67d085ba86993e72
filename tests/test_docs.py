"""The prose is executed: every python block of the README and of docs/, in order, file by file; databases are real."""

from __future__ import annotations

import re
from pathlib import Path

import postgres
import pytest
from conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.S | re.M)
_URL = "postgresql://planner@db.bureau/plans"
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_code_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "docs"}
    text = page.read_text("utf-8")
    if _URL in text:  # a database of our own for the bureau's, its password where psql finds it
        database = postgres.Database(postgres.cluster())
        monkeypatch.setenv("PGPASSWORD", postgres.PASSWORD)
        text = text.replace(_URL, f"postgresql://{postgres.USER}@127.0.0.1:{database.port}/{database.name}")
    for number, block in enumerate(_BLOCK.findall(text), 1):
        exec(compile(block, f"{page.name} block {number}", "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"

"""The arrows of the house run one way; heavy things load late; the public surface is what it says."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

import regionmap as rm

SOURCE = ROOT / "src" / "regionmap"
LAYERS = ("errors", "progress", "kinds", "crs", "places", "queries", "plans", "answers", "maps", "cli")
# what each layer may import; the arrows of docs/architecture.md
ALLOWED = {
    "errors": set(),
    "progress": set(),
    "kinds": {"errors", "progress"},
    "crs": {"errors", "progress"},
    "places": {"crs", "kinds", "errors", "progress"},
    "queries": {"crs", "errors", "progress"},
    "plans": {"places", "crs", "kinds", "errors", "progress"},
    "answers": {"plans", "places", "queries", "crs", "kinds", "errors", "progress"},
    "maps": {"answers", "plans", "places", "queries", "crs", "kinds", "errors", "progress"},
    "cli": {"answers", "maps", "plans", "places", "queries", "crs", "kinds", "errors", "progress"},
}
ALIASES = {"_gcj": "crs", "_planes": "crs", "datums": "crs", "zones": "crs", "looks": "kinds", "access": "answers"}  # modules of the layer of another
FILES = sorted(SOURCE.rglob("*.py"))


def layer(path: Path) -> str:
    part = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    return ALIASES.get(part, part)


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only type checkers see."""
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING"):
            yield child
            yield from running(child)


def imported(path: Path) -> set[str]:
    names = set()
    for node in running(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", [f for f in FILES if layer(f) in LAYERS], ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_run_one_way(path: Path) -> None:
    own = layer(path)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] != "regionmap" or len(parts) < 2:
            continue
        target = ALIASES.get(parts[1], parts[1])
        if target in LAYERS and target != own:
            assert target in ALLOWED[own], f"{path.name} ({own}) imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_folium_only_in_maps_and_reprojection_only_in_crs(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported(path)}
    if layer(path) != "maps":
        assert not tops & {"folium", "branca"}
    if layer(path) != "crs":
        assert "pyproj" not in tops or layer(path) == "queries"
        calls = [n.attr for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Attribute)]
        assert "to_crs" not in calls


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_files_fit_in_a_head(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 350


@pytest.mark.parametrize("code", ["import regionmap", "from regionmap.cli import main; main(['--version'])"])
def test_importing_is_cheap(code: str) -> None:
    script = (
        f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\n"
        "print(','.join({m.split('.')[0] for m in sys.modules} & {'geopandas','folium','pandas','shapely','numpy'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


def test_the_public_surface() -> None:
    assert rm.__all__ == sorted(rm.__all__)
    for name in rm.__all__:
        assert getattr(rm, name) is not None
    assert set(rm._LAZY) <= set(rm.__all__)
    assert (SOURCE / "py.typed").is_file()

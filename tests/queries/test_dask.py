"""Partitioned frames: the same answers as local ones, on a real cluster of two processes, and after one is killed."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import dask_geopandas
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from brute import frame, points, wiggly
from distributed import Client, LocalCluster, wait

import regionmap as rm
from regionmap.errors import MissingCRSError, MissingExtraError
from regionmap.queries import _dask, _frames


@pytest.fixture(scope="module", autouse=True)
def plain_strings() -> Iterator[None]:
    """Dask turns columns of text to another type by default: nothing of ours."""
    with dask.config.set({"dataframe.convert-string": False}):
        yield


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        dask.config.set({"distributed.worker.daemon": False, "distributed.comm.timeouts.connect": "60s"}),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None, memory_limit=0
        ) as cluster,
        Client(cluster) as connected,
    ):
        yield connected


def parcels(count: int, seed: int = 1, **columns: Any) -> gpd.GeoDataFrame:
    """Points in the order of a Hilbert curve, as a big file would have them."""
    rng = np.random.default_rng(seed)
    out = points(rng.uniform([119, 39], [125, 43], (count, 2)), plot=np.arange(count), **columns)
    return out.iloc[np.argsort(out.hilbert_distance().to_numpy())].reset_index(drop=True)


def corridors(count: int, seed: int = 2) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    lines = [wiggly(rng, 40, 0.02, s) for s in rng.uniform([119, 39], [125, 43], (count, 2))]
    return frame(lines, name=[f"c{n}" for n in range(count)])


def zones(side: int) -> gpd.GeoDataFrame:
    west, south = np.meshgrid(np.linspace(119, 124, side), np.linspace(39, 42, side))
    return frame(shapely.box(west.ravel(), south.ravel(), west.ravel() + 0.7, south.ravel() + 0.6))


def same(lazy: Any, local: gpd.GeoDataFrame) -> None:
    assert isinstance(lazy, dask_geopandas.GeoDataFrame)
    assert list(lazy.columns) == list(local.columns)
    out = lazy.compute()
    assert out.crs == local.crs
    pd.testing.assert_frame_equal(pd.DataFrame(out), pd.DataFrame(local), check_exact=False, rtol=0, atol=2e-6)


QUERIES = {
    "near": lambda a, b: rm.near(a, b, within_m=10_000),
    "nearest": lambda a, b: rm.nearest(a, b),
    "nearest 3": lambda a, b: rm.nearest(a, b, k=3, within_m=30_000, suffix="_x"),
}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("accuracy", [None, "known", "unknown"])
def test_the_same_as_local(name: str, accuracy: str | None) -> None:
    a, b = parcels(600), corridors(40)
    b.loc[b.index[7], "geometry"] = None
    if accuracy:
        a["accuracy_m"] = np.linspace(0, 8000, len(a))
        b["accuracy_m"] = np.linspace(0, 500, len(b))
    if accuracy == "unknown":
        a.loc[[3, 400], "accuracy_m"] = np.nan
        b.loc[b.index[5], "accuracy_m"] = np.nan
    with dask.config.set(scheduler="threads", num_workers=2):
        same(QUERIES[name](dask_geopandas.from_geopandas(a, npartitions=7), b), QUERIES[name](a, b))


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4550"])
def test_any_crs_and_lines_and_missing_geometry(crs: str) -> None:
    a = corridors(60, seed=4).to_crs(crs)
    a.loc[a.index[[0, 17]], "geometry"] = None
    b = zones(4)
    with dask.config.set(scheduler="threads", num_workers=2):
        lazy = dask_geopandas.from_geopandas(a, npartitions=5)
        same(rm.near(lazy, b, within_m=3_000), rm.near(a, b, within_m=3_000))
        same(rm.nearest(lazy, b), rm.nearest(a, b))


def test_overlay_by_partitions_of_zones() -> None:
    cells = zones(4)
    other = pd.concat([zones(3), corridors(10), parcels(50)], ignore_index=True)[["geometry"]]
    with dask.config.set(scheduler="threads", num_workers=2):
        lazy = rm.overlay(zones=dask_geopandas.from_geopandas(cells, npartitions=4), other=other)
        local = rm.overlay(cells, other)
        same(lazy, local)
        second = rm.overlay(cells, dask_geopandas.from_geopandas(other, npartitions=3))
    pd.testing.assert_frame_equal(pd.DataFrame(second), pd.DataFrame(local))


@pytest.mark.parametrize("name", ["near", "nearest 3"])
def test_the_second_frame_is_prepared_once_for_parts_that_the_compiled_loops_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, made = parcels(45_000), corridors(40), []
    prepared = _frames.prepared
    monkeypatch.setattr(_frames, "prepared", lambda read: made.append(read) or prepared(read))
    with dask.config.set(scheduler="threads", num_workers=2):
        same(QUERIES[name](dask_geopandas.from_geopandas(a, npartitions=2), b), QUERIES[name](a, b))
    assert len(made) == 1
    shared = _dask._shared(b)
    shared.ready()
    assert vars(pickle.loads(pickle.dumps(shared))).keys() == vars(_dask._shared(b)).keys()  # each process prepares it itself


def test_a_part_is_asked_and_what_follows_done_in_one_task() -> None:
    found = rm.near(dask_geopandas.from_geopandas(parcels(100), npartitions=5), corridors(3), within_m=10_000)
    graph = found.map_partitions(len, meta=("n", "int64")).optimize().__dask_graph__()
    tasks = Counter(key[0].rpartition("-")[0] for key in graph if isinstance(key, tuple))
    assert tasks["regionmap-len"] == 5 and "regionmap-near" not in tasks


def test_nothing_is_read_before_it_is_asked_for_and_far_partitions_never(tmp_path: Path) -> None:
    a = parcels(4000)
    for n, part in enumerate(np.array_split(np.arange(len(a)), 8)):
        a.iloc[part].to_parquet(tmp_path / f"part.{n}.parquet")
    lazy = dask_geopandas.read_parquet(tmp_path)
    corner = corridors(1).set_geometry([shapely.LineString([(119.1, 39.1), (119.4, 39.3)])], crs="EPSG:4326")
    out = rm.near(lazy, corner, within_m=5_000)
    assert out.npartitions < lazy.npartitions
    same(out, rm.near(a, corner, within_m=5_000))
    far = corner.set_geometry([shapely.LineString([(10, 10), (11, 11)])], crs="EPSG:4326")
    assert len(rm.near(lazy, far, within_m=5_000).compute()) == 0
    around = frame([shapely.LineString([(-179.5, 60), (179.5, 61)])])  # nothing is left out by a box
    same(rm.near(lazy, around, within_m=2e7), rm.near(a, around, within_m=2e7))


@pytest.mark.parametrize("seed", range(6))
def test_rows_left_out_are_out_of_reach(seed: int) -> None:
    """The boxes may let too much through, never too little: anywhere on earth, long pieces included."""
    rng = np.random.default_rng(seed)
    lat, lon = rng.uniform(-75, 75), rng.uniform(-180, 180)
    step = rng.choice([0.01, 0.5, 6.0])
    b = frame([
        shapely.LineString(np.clip(wiggly(rng, 5, step, s).coords, [-180, -89], [180, 89]))
        for s in rng.uniform([lon - 15, lat - 12], [lon + 15, lat + 12], (200, 2))
    ])  # fmt: skip
    a = points(np.clip(rng.uniform([lon - 1, lat - 1], [lon + 1, lat + 1], (40, 2)), [-180, -89], [180, 89]))
    reach = float(rng.choice([0, 1e4, 3e5]))
    kept = _dask._touch(_dask._shared(b), _dask._box_of(a), reach)
    assert not (set(rm.near(a, b, within_m=reach)["to"]) - set(np.flatnonzero(kept)))
    shared = _dask._shared(b)
    kept = _dask._touch(shared, _dask._box_of(a), _dask._surely_m(a, shared, 2))
    assert not (set(rm.nearest(a, b, k=2)["to"]) - set(np.flatnonzero(kept)))


def test_on_a_cluster_of_two_processes(client: Client) -> None:
    a, b = parcels(3000), corridors(40)
    same(rm.near(dask_geopandas.from_geopandas(a, npartitions=6), b, within_m=10_000), rm.near(a, b, within_m=10_000))
    assert len(client.scheduler_info()["workers"]) == 2


def _slowly(part: gpd.GeoDataFrame, folder: str) -> gpd.GeoDataFrame:
    """Marks that a partition is being worked on, and takes its time."""
    (Path(folder) / f"{os.getpid()}-{part.index[0]}").touch()
    time.sleep(0.3)
    return part


def test_a_killed_worker_is_recomputed_and_nothing_is_lost(client: Client, tmp_path: Path) -> None:
    a, b = parcels(2000), corridors(40)
    lazy = dask_geopandas.from_geopandas(a, npartitions=20).map_partitions(_slowly, str(tmp_path), meta=a.iloc[:0])
    future = client.compute(rm.near(lazy, b, within_m=10_000))
    until = time.monotonic() + 60
    while len(marks := _marks(tmp_path)) < 6 and time.monotonic() < until:
        time.sleep(0.05)
    victim = marks[0][0]
    assert victim in client.run(os.getpid, nanny=False).values()
    os.kill(victim, signal.SIGKILL)
    wait(future, timeout=120)
    pd.testing.assert_frame_equal(pd.DataFrame(future.result()), pd.DataFrame(rm.near(a, b, within_m=10_000)))
    lost = {start for pid, start in marks if pid == victim}
    again = {start for pid, start in _marks(tmp_path) if pid != victim}
    assert lost & again, "what the killed worker had done is done again by another"


def _marks(folder: Path) -> list[tuple[int, int]]:
    """Process and first row of each partition that was worked on."""
    return [(int(pid), int(start)) for pid, start in (mark.name.split("-") for mark in folder.iterdir())]


def test_faults_come_when_asked_not_when_computed() -> None:
    lazy = dask_geopandas.from_geopandas(parcels(20), npartitions=2)
    with pytest.raises(ValueError, match="within_m"):
        rm.near(lazy, corridors(3), within_m=-1)
    with pytest.raises(MissingCRSError):
        rm.near(lazy, corridors(3).set_crs(None, allow_override=True), within_m=1)
    with pytest.raises(ValueError, match="GeoDataFrame"):
        rm.near(lazy, "corridors", within_m=1)
    with pytest.raises(TypeError):
        rm.near(lazy, within_m=1)


def test_without_dask_geopandas_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lazy = dask_geopandas.from_geopandas(parcels(20), npartitions=2)
    monkeypatch.setitem(sys.modules, "dask_geopandas", None)
    with pytest.raises(MissingExtraError, match=r"regionmap\[distributed\]"):
        rm.near(lazy, corridors(3), within_m=1)


def test_asking_local_frames_loads_no_dask() -> None:
    code = (
        "import sys, geopandas, shapely, regionmap as rm\n"
        "a = geopandas.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=4326)\n"
        "assert len(rm.near(a, a, within_m=1)) == 1\n"
        "assert 'dask' not in sys.modules and 'dask_geopandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

"""The loaded whole: units, names, networks, plans and their records."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd

from regionmap import kinds
from regionmap.errors import AmbiguousNameError, ExpressionError, Fault, InputError, NotFoundError, TableError
from regionmap.errors import nearest_names as _nearest
from regionmap.places import boundaries, gazetteer, networks, where
from regionmap.plans import named, placed, stores, tables
from regionmap.plans import records as rows_of
from regionmap.plans.postgis import connect as postgis
from regionmap.plans.records import Plan
from regionmap.plans.stores import Saved
from regionmap.progress import track

CONTEXT = "context"
_LOG = logging.getLogger(__name__)


class Region:
    """A region: everything is read on first use and then stays as it is.

    Parameters
    ----------
    folder : a folder with a `region.toml` (the data contract of docs/data.md).

    Raises
    ------
    NotFoundError : no region.toml there.
    TableError : a table breaks the contract; all its faults at once.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.settings: dict[str, Any] = tomllib.loads((folder / "region.toml").read_text("utf-8"))
        except FileNotFoundError:
            raise NotFoundError(f"no region.toml in {folder}; `regionmap build --data DIR` needs one") from None
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{folder / 'region.toml'}: {error}") from None
        self.title: str = self.settings["title"]

    def __repr__(self) -> str:
        return f"<Region {self.title}: {len(self.plans)} plans, {len(self.records)} records>"

    @cached_property
    def boundaries(self) -> boundaries.Boundaries:
        found = boundaries.read(self.settings["boundaries"], self.folder)
        _LOG.info("%s: %d units from %s", self.folder, len(found.codes), found.source)
        return found

    @cached_property
    def gazetteer(self) -> gazetteer.Gazetteer:
        names, lines = self.folder / "gazetteer", self.folder / "networks"
        entries = [*gazetteer.unit_entries(self.boundaries, names / "units.csv")]
        for reader, table in (
            (lambda p: gazetteer.place_entries(p, "place"), names / "places.csv"),
            (lambda p: gazetteer.place_entries(p, "place"), names / "towns.csv"),
            (lambda p: gazetteer.place_entries(p, "geonames"), names / "geonames.csv"),
            (networks.line_entries, lines / "lines.csv"),
            (networks.leg_entries, lines / networks.TRACED_FILE),
            (networks.area_entries, lines / "areas.csv"),
        ):
            if table.is_file():
                entries += reader(table)
        extent = self.settings.get("gazetteer", {}).get("town_extent_m", 6_000)
        return gazetteer.Gazetteer(tuple(entries), float(extent))

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """Plans by id, the oldest first; `context` (things that no document names) last."""
        found = [rows_of.read_plan(p.parent) for p in (self.folder / "plans").glob("*/plan.toml")]
        return {p.id: p for p in sorted(found, key=lambda p: (p.id == CONTEXT, p.date, p.id))}

    @cached_property
    def _tables(self) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        records: list[dict[str, str]] = []
        targets: list[dict[str, str]] = []
        faults: list[Fault] = []
        for plan in self.plans.values():
            for table, columns, check, into in (
                ("records", kinds.RECORD_COLUMNS, tables.check_records, records),
                ("targets", kinds.TARGET_COLUMNS, tables.check_targets, targets),
            ):
                path = tables.find(self.folder / "plans" / plan.id, table)
                if path is not None:
                    name = f"plans/{plan.id}/{path.name}"
                    rows, wrong = tables.read_table(path, columns, name)
                    faults += wrong + check(name, rows)
                    into += [{**row, "plan": plan.id, "file": name} for row in rows]
        faults += rows_of.check_links([*records, *targets])
        if faults:
            raise TableError(faults)
        return records, targets

    @cached_property
    def _placed(self) -> geopandas.GeoDataFrame:
        rows = self._tables[0]
        located = self._locations.located[: len(rows)]
        frame = rows_of.frame_of(rows, kinds.RECORD_COLUMNS, located)
        stated = pd.to_numeric(frame["accuracy_m"].replace("", None)).astype(float)
        implied = [s.accuracy_m if s else np.nan for s in located]
        frame["accuracy_m"] = stated.where(stated.notna(), implied)
        frame["precision"] = [s.precision if s else "unplaced" for s in located]
        overruled = stated.notna() & frame.geometry.notna()
        frame.loc[overruled, "precision"] = [kinds.precision_word(a) for a in stated[overruled]]
        for column in ("start", "end"):
            frame[column] = pd.to_numeric(frame[column].replace("", None)).astype("Int64")
        frame["group"] = rows_of.groups(rows)
        frame[["area_km2", "length_km", "official_km2"]] = self._locations.numbers[: len(rows)]
        frame["approximate"] = rows_of.approximate(frame)
        frame.attrs = {"edition": self.edition}
        return frame

    @cached_property
    def _locations(self) -> placed.Placed:
        """Where every record and then every target lies, and the faults of those that could not be placed."""
        records, targets = self._tables
        name = placed.cache_name(self.folder, boundaries.cache_name(self.settings["boundaries"], self.folder))
        kept = placed.load(name, len(records) + len(targets)) if name else None
        if kept is not None and kept.numbers.shape[1] == 3:
            _LOG.info("%d records and %d targets placed as kept in the cache: %s", len(records), len(targets), name)
            return kept
        located: list[where.Located | None] = []
        faults: list[Fault] = []
        for row in track([*records, *targets], "placing records"):
            column = "where" if "where" in row else "region"
            spot, fault = self._locate_row(row, row[column], column)
            located.append(spot)
            faults += fault
        official = rows_of.official_km2(located, self.gazetteer.units.values(), self.folder / "gazetteer/units.csv")
        whole = placed.Placed(
            located, np.column_stack([rows_of.measures(rows_of.shapes_of(located)), official]), tuple(faults)
        )
        if name:
            placed.save(name, whole)
        _LOG.info("%d records and %d targets placed, %d could not be", len(records), len(targets), len(faults))
        return whole

    def _locate_row(self, row: dict[str, str], text: str, column: str) -> tuple[where.Located | None, list[Fault]]:
        if not text:
            return None, []
        bare = kinds.KINDS[row["kind"]].extent if row.get("kind") else "is"
        extent, sector = row.get("extent", ""), row.get("sector", "")
        built = row.get("status", "") not in kinds.UNBUILT
        try:
            spot = self._where(row["plan"]).locate(text, extent=extent, bare=bare, sector=sector, built=built)
            return spot, []
        except ExpressionError as error:
            reason = f"{error.reason} at position {error.position + 1}: {error.word!r}"
            return None, [Fault(row["file"], int(row["row"]), column, text, reason, error.suggestions)]

    @cache  # noqa: B019 - a region lives as long as the program asks of it
    def _where(self, plan: str = "") -> where.Where:
        folder = self.folder / "plans" / plan if plan else Path.cwd()
        area = self.settings.get("unit", "")
        if plan and self.plans[plan].area:
            found = self.gazetteer.find(self.plans[plan].area)
            area = found[0].unit if found else area
        return where.Where(self.gazetteer, area, folder)

    @property
    def records(self) -> geopandas.GeoDataFrame:
        """Every record of every plan, `context` too; index and column `id`; EPSG:4326. Do not change it."""
        return self._placed

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Rows whose location could not be resolved; they are in `records`, unplaced."""
        return self._locations.faults

    @cached_property
    def _targets(self) -> geopandas.GeoDataFrame:
        rows = self._tables[1]
        located = self._locations.located[len(self._tables[0]) :]
        frame = rows_of.frame_of(rows, kinds.TARGET_COLUMNS, located)
        for column in ("baseline", "value", "baseline_year", "year"):
            frame[column] = pd.to_numeric(frame[column].replace("", None))
        return frame

    @property
    def targets(self) -> geopandas.GeoDataFrame:
        """Every target, with the geometry of its region; index and column `id`; EPSG:4326."""
        return self._targets

    @cached_property
    def edition(self) -> str:
        """The editions of all plans in one text."""
        return "; ".join(p.edition for p in self.plans.values())

    def features(self, kind: str | None = None, plan: str | None = None, *, context: bool = False) -> Any:
        """Records as a GeoDataFrame in EPSG:4326, one row for each plan that names a thing.

        Parameters
        ----------
        kind : a kind's id, plural or label; None for all.
        plan : a plan's id; None for all plans, `context` only if asked for.
        context : also the things that no document names.

        Raises
        ------
        InputError, NotFoundError : no such kind, no such plan.
        """
        rows = self.records
        keep = np.ones(len(rows), dtype=bool)
        if kind is not None:
            word = kinds.KINDS.resolve(kind)
            if word is None:
                raise InputError(f"unknown kind {kind!r}; allowed are {', '.join(kinds.KINDS)}")
            keep &= (rows["kind"] == word).to_numpy()
        if plan is not None:
            if plan not in self.plans:
                near = ", ".join(_nearest(plan, self.plans)) or ", ".join(self.plans)
                raise NotFoundError(f"no plan {plan!r}; nearest: {near}")
            keep &= (rows["plan"] == plan).to_numpy()
        elif not context:
            keep &= (rows["plan"] != CONTEXT).to_numpy()
        return rows[keep].copy()

    def feature(self, name_or_id: str) -> geopandas.GeoDataFrame:
        """One record as a one-row GeoDataFrame: the latest plan's, where several plans name the thing.

        Raises
        ------
        NotFoundError : nothing fits; the message gives the nearest names.
        AmbiguousNameError : several things fit; the message lists their ids.
        """
        rows = self.records
        if name_or_id in rows.index:
            return rows.loc[[name_or_id]].copy()
        word = gazetteer.fold(name_or_id.strip())
        exact = rows["name"].map(gazetteer.fold) == word
        alias = rows["aliases"].map(lambda names: word in map(gazetteer.fold, names))
        for pool in (exact, exact | alias):
            hits = rows[pool & (rows["plan"] != CONTEXT)]
            hits = hits if len(hits) else rows[pool]
            if len(hits):
                latest = self.latest(rows[rows["group"].isin(hits["group"])])
                if len(latest) > 1:
                    raise AmbiguousNameError(name_or_id, latest.index)
                return latest.copy()
        names = [*rows["name"], *(a for names in rows["aliases"] for a in names)]
        near = ", ".join(_nearest(name_or_id, names))
        raise NotFoundError(f"no record {name_or_id!r}" + (f"; nearest names: {near}" if near else ""))

    def latest(self, rows: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
        """One row a thing: of the records joined by `same_as`, the latest plan's (a placed one, if any)."""
        order = {plan: n for n, plan in enumerate(self.plans)}
        plan = rows["plan"].to_numpy(object)
        columns = {"own": plan != CONTEXT, "placed": rows.geometry.notna().to_numpy(), "plan": [order[p] for p in plan]}
        best = pd.DataFrame(columns).sort_values(["own", "placed", "plan"], kind="stable").index.to_numpy()
        last = ~pd.Series(rows["group"].to_numpy(object)[best]).duplicated(keep="last").to_numpy(bool)
        return rows.iloc[np.sort(best[last])]

    def same(self, record_id: str) -> geopandas.GeoDataFrame:
        """All records of the thing that `record_id` is, the latest plan first."""
        group = self.records.at[record_id, "group"]
        rows = self.records[self.records["group"] == group]
        order = list(self.plans)
        return rows.sort_values("plan", key=lambda s: s.map(order.index), ascending=False, kind="stable")

    def parts(self, record_id: str) -> set[str]:
        """Ids of the parts of a thing, of their parts, and of all their twins."""
        group = dict(zip(self.records.index, self.records["group"], strict=True))
        holders = {group[record_id]}
        links = [(g, group.get(p, "")) for g, p in zip(self.records["group"], self.records["part_of"], strict=True)]
        grown = True
        while grown:
            more = {g for g, holder in links if holder in holders} - holders
            holders, grown = holders | more, bool(more)
        return {i for i, g in group.items() if g in holders and g != group[record_id]}

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Name and aliases of every record, by id; nothing is placed for it."""
        return {r["id"]: (r["name"], *(a for a in r["aliases"].split(";") if a)) for r in self._tables[0]}

    def candidates(self, record_id: str, kind: str | None = None) -> geopandas.GeoDataFrame:
        """What a question about `record_id` asks of: one row a thing, not itself, its twins or its parts.

        Without `kind` no zones; never `context` or targets. The page asks of the same rows.
        """
        rows = self.latest(self.features(kind))
        own = self.parts(record_id) | set(self.same(record_id).index)
        keep = ~rows.index.isin(own)
        if kind is None:
            keep &= rows["kind"] != "zone"
        return rows[keep]

    def locate(self, expr: str) -> geopandas.GeoDataFrame:
        """Any location expression as a one-row GeoDataFrame in EPSG:4326; it may name records too."""
        spot = replace(self._where(), gazetteer=named.names_in(self, expr), _known={}).locate(expr)
        row = {
            "where": [expr],
            "precision": [spot.precision],
            "accuracy_m": [spot.accuracy_m],
            "drawn": [spot.drawn],
            "pieces": ["; ".join(spot.pieces)],
        }
        return geopandas.GeoDataFrame(row, geometry=[spot.geometry], crs=4326)

    def edit(self, *, records: Any = None, targets: Any = None, remove: Iterable[str] = ()) -> Region:
        """A region with rows changed, added and removed; this one stays as it is. See docs/stores.md.

        records, targets : rows with a column `id` and those columns that change; an unknown id is added. A new
            `where` (a target's `region`) moves a row; a geometry that comes with it counts.
        remove : ids that go.

        Raises TableError (all faults at once) where rows break the data contract, NotFoundError.
        """
        from regionmap.plans.stored import edited

        return edited(self, records=records, targets=targets, remove=remove)

    def save(self, target: str | Path, *, replace: bool = False) -> Saved:
        """Write the region to a file or a database, whole or not at all. See docs/stores.md and docs/postgis.md.

        target : `.gpkg` and `.parquet` hold everything and `open` gives the same region back; `.geojson`, `.xlsx`,
            `.csv`, `.kml`, `.kmz` say in `.left_out` what they do not; or `postgresql://...`.
        replace : overwrite what a database holds that this region was not opened from.

        Raises InputError, StoreError (locked, read-only, full, no connection; what was there stands), ConflictError.
        """
        if postgis.is_url(target):
            from regionmap.plans.postgis.write import save

            return save(self, postgis.target(str(target)), replace=replace)
        return stores.save(self, target)

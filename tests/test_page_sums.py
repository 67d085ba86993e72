"""The page's filter and its summary table: the same numbers as rm.summary, before and after filtering."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import RECORDS, ROOT, write_region

import regionmap as rm
from regionmap import answers
from regionmap.queries import summary as queries_summary

TABLE = (
    "by => RM.sums.table(regionmap.state, by, 'all').map(r => [r.by.join('|'), r.count, r.possible, r.unplaced, r.stated,"
    " r.unread, Math.round(r.investment * 1e6)])"
)


@pytest.fixture(scope="module")
def money(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A region made in code in which some records state an amount."""
    amounts = ["5亿元", "12000万元", "", "约10-15亿元", "2.5亿元", "3亿元"]
    rows = [{**row, "investment": amounts[n % 6], "start": str(2020 + n) if n % 2 else "", "end": str(2023 + n)} for n, row in enumerate(RECORDS)]
    return rm.open(write_region(tmp_path_factory.mktemp("money"), rows))


def expected(region: Any, by: list[str], zones: Any = None) -> list[list[Any]]:
    """What rm.summary says of the things that the page counts: all but zones."""
    rows = region.latest(region.features())
    rows = rows[rows["kind"] != "zone"]
    for word, level in (("unit", "county"), ("city", "city")):
        if word in by:
            rows = rows.assign(**{word: answers.unit_names(region, rows, answers.units(region, level))})
    found = queries_summary.summary(rows, by=by, zones=zones)
    out = []
    for row in found.to_dict("records"):
        amount = row["investment_yi_cny"]
        amount = 0 if pd.isna(amount) else round(amount * 1e6)
        out.append(["|".join(str(row[w]) for w in by), row["count"], row.get("possible", 0), row["unplaced"], row["investment_stated"], row["investment_unread"], amount])
    return sorted(out)


WAYS = [["unit"], ["city"], ["zone"], ["status"], ["sector"], ["kind"], ["year"], ["unit", "status"], ["zone", "kind"]]


def test_shipped_page_counts_as_python(region: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    path = tmp_path / "page.html"
    chart = rm.render(region, ROOT / "maps" / "province-zones.toml")
    rm.save_html(chart, path)
    page = open_page(path)
    names = {z["name"] for z in chart.data["sums"]["zone"]}
    zones = answers.zone_areas(region)
    assert len(names) > 5
    for by in WAYS:
        assert sorted(page.run(TABLE, by)) == expected(region, by, zones[zones["name"].isin(names)]), by
    whole = rm.summary(region, by=["unit", "kind"])
    whole = whole[whole["kind"] != "zone"].groupby("unit", sort=False)["count"].sum().to_dict()
    assert {r[0]: r[1] for r in page.run(TABLE, ["unit"])} == whole, "rm.summary itself, without the zones"
    assert page.errors == []


def test_money_is_summed_as_python_does(money: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    path = tmp_path / "page.html"
    rm.save_html(rm.render(money, {"title": "试验", "layer": [{"show": "all"}]}), path)
    page = open_page(path)
    for by in WAYS:
        assert sorted(page.run(TABLE, by)) == expected(money, by, answers.zone_areas(money)), by
    page.tab.click("#rm-tab-sums")
    page.tab.select_option("#rm-sums-by", "kind")
    page.tab.select_option("#rm-sums-then", "status")
    rows = page.run("[...document.querySelectorAll('.rm-sums tbody tr')].map(r => [...r.cells].map(c => c.textContent))")
    assert len(rows) == len(expected(money, ["kind", "status"])) and ["走廊通道", "谋划研究", "1", "5"] in rows
    with page.tab.expect_download() as waiting:
        page.tab.click("#rm-page-sums button:has-text('CSV')")
    text = Path(waiting.value.path()).read_text("utf-8-sig")
    got = list(csv.DictReader(io.StringIO(text)))
    assert [row["kind"] + "|" + row["status"] for row in got] == [r[0] for r in page.run(TABLE, ["kind", "status"])]
    assert list(got[0]) == list(rm.summary(money, by=["kind", "status"]).columns)
    page.tab.click(".rm-sums .rm-count")
    assert page.run("document.activeElement.closest('#rm-card') !== null && document.querySelectorAll('#rm-card li').length") == 1
    assert page.errors == [] and page.requests == []


def test_filter_hides_and_counts(money: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    path = tmp_path / "page.html"
    rm.save_html(rm.render(money, {"title": "试验", "layer": [{"show": "all"}]}), path)
    page = open_page(path)
    things = {f["id"]: f for f in page.run("regionmap.state.data.features.map(f => ({id: f.id, status: f.status || '', start: f.start, end: f.end, kind: f.kind}))")}

    def kept() -> set[str]:
        return set(page.run("regionmap.state.data.features.filter((f, n) => !regionmap.state.keep || regionmap.state.keep[n]).map(f => f.id)"))

    def drawn() -> set[str]:
        return set(page.run("regionmap.state.screen.flatMap(s => s.all || [s.f]).map(f => f.id)"))

    every = drawn()
    assert kept() == set(things)
    page.tab.click(".rm-filter summary")
    page.tab.click(".rm-filter label:has-text('谋划研究')")
    left = {i for i, f in things.items() if f["status"] != "proposed"}
    assert kept() == left and drawn() == every & left and left < set(things)
    page.tab.select_option(".rm-filter select >> nth=0", "2026")
    page.tab.select_option(".rm-filter select >> nth=1", "2027")
    page.tab.click(".rm-filter label:has-text('只显示注明年限的')")
    left = {i for i in left if (f := things[i]) and (f.get("start") or f["end"]) <= 2027 and f["end"] >= 2026}
    assert kept() == left and 0 < len(left) < len(things)
    assert drawn() == every & left
    assert sum(r[1] for r in page.run(TABLE, ["status"])) == len([i for i in left if things[i]["kind"] != "zone"])
    said = page.run("RM.filter.write(regionmap.state)")
    page.tab.click(".rm-filter button")
    assert kept() == set(things) and drawn() == every
    page.run("text => RM.filter.read(regionmap.state, text)", said)
    assert kept() == left, "a permalink brings the filter back"
    page.run("text => RM.filter.read(regionmap.state, text)", "x.<b>~99~..~2")
    assert kept() == set(things) and page.errors == []

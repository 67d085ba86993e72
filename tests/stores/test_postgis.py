"""A region in a database: it comes back, many edit it, a broken line changes nothing, no password is shown."""

from __future__ import annotations

import logging
import random
import socket
import threading
import traceback
from typing import Any

import pandas as pd
import psycopg
import pytest
from conftest import run
from kept import a_region, assert_same
from postgres import PASSWORD, QUOTED, database  # noqa: F401

import regionmap as rm


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return a_region(tmp_path_factory.mktemp("small"))


def rows(**cells: Any) -> pd.DataFrame:
    return pd.DataFrame({k: [v] for k, v in cells.items()})


def test_the_shipped_region_comes_back(region: Any, database: Any) -> None:  # noqa: F811
    saved = region.save(database.url)
    assert saved.rows == saved.changed == len(region.records) + len(region.targets)
    again = rm.open(database.url)
    assert_same(region, again)
    assert region.locate("沈阳市 + 抚顺市").equals(again.locate("沈阳市 + 抚顺市"))
    assert again.save(database.url).changed == 0  # nothing was changed, nothing is written
    assert database.run("SELECT count(*) FROM regionmap.editions") == [(len(region.plans),)]


def test_schema_constraints_indexes_and_editions(small: Any, database: Any) -> None:  # noqa: F811
    small.save(database.url)
    definitions = "\n".join(r[0] for r in database.run("SELECT indexdef FROM pg_indexes WHERE schemaname = 'regionmap'"))
    for layer in ("records", "targets"):
        assert f"regionmap.{layer} USING gist (geom)" in definitions
        assert f"regionmap.{layer} USING gist (((geom)::geography))" in definitions
    for wrong in (
        "kind = 'prak'", "status = 'plannd'", "accuracy_m = -1", "name = ''", "plan = 'p2'", "part_of = 'p1/none'", "extent = 'maybe'",
        "geom = ST_GeomFromText('POINT(40 100)', 4326)", "geom = ST_GeomFromText('POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))', 4326)",
        "geom = ST_GeomFromText('POINT(1 1)', 4490)", "id = 'p1/丁'",
    ):  # fmt: skip
        with pytest.raises(psycopg.Error, match=r"violates|SRID"):
            database.run(f"UPDATE regionmap.records SET {wrong} WHERE id = 'p1/park'")
    found = database.run("SELECT revision, plan, edition, records, targets, saved_by FROM regionmap.editions ORDER BY plan")
    assert found == [(1, p.id, p.edition, sum(small.records["plan"] == p.id), sum(small.targets["plan"] == p.id), "planner")
                     for p in small.plans.values()]  # fmt: skip
    assert "made in code" in database.run("SELECT obj_description('regionmap.units'::regclass)")[0][0]


def test_two_editors_of_different_rows_both_keep_their_work(small: Any, database: Any) -> None:  # noqa: F811
    small.save(database.url)
    one, two = rm.open(database.url), rm.open(database.url)
    one.records, two.records  # noqa: B018 - both have read the same state
    one.edit(records=rows(id="p1/park", note="一"), remove=["p1/nowhere"]).save(database.url)
    added = rows(id="p2/new", name="新港", kind="hub", sector="port", where="丙港", same_as="p1/port")
    assert two.edit(records=added, targets=rows(id="p1/t1", value=99.0)).save(database.url).changed == 2
    last = rm.open(database.url)
    assert last.records.at["p1/park", "note"] == "一" and last.targets.at["p1/t1", "value"] == 99.0
    assert "p1/nowhere" not in last.records.index and "p2/new" in last.records.index
    assert last.records.at["p2/new", "group"] == "p1/port"
    revisions = database.run("SELECT plan, edition FROM regionmap.editions WHERE revision = 3 ORDER BY plan")
    assert dict(revisions) == {p.id: p.edition for p in last.plans.values()}  # of what is there, not of what one saw


def test_a_conflict_is_reported_by_record_and_changes_nothing(small: Any, database: Any) -> None:  # noqa: F811
    small.save(database.url)
    regions = [rm.open(database.url) for _ in range(2)]
    one, two = (r.edit(records=pd.DataFrame({"id": ["p1/park", "p1/port"], "note": [f"{n}a", f"{n}b"]})) for n, r in enumerate(regions))
    gone = regions[1].edit(records=rows(id="p1/nowhere", note="c"))
    one.edit(remove=["p1/nowhere"]).save(database.url)
    two = two.edit(records=rows(id="p1/zone", note="c"))
    before = database.run("SELECT id, note, version FROM regionmap.records ORDER BY id")
    with pytest.raises(rm.errors.ConflictError) as error:
        two.save(database.url)
    assert [(c.table, c.id, c.columns, c.by, c.gone) for c in error.value.conflicts] == [
        ("records", "p1/park", ("note",), "planner", False),
        ("records", "p1/port", ("note",), "planner", False),
    ]
    assert "nothing was saved" in str(error.value) and "p1/park: changed by planner at 20" in str(error.value)
    with pytest.raises(rm.errors.ConflictError, match="p1/nowhere: was removed there"):
        gone.save(database.url)
    assert database.run("SELECT id, note, version FROM regionmap.records ORDER BY id") == before
    assert database.run("SELECT max(revision) FROM regionmap.editions") == [(2,)]
    rm.open(database.url).edit(records=rows(id="p1/park", note="again")).save(database.url)  # on what is there now


def test_the_same_id_added_twice_and_put_back_is_a_conflict(small: Any, database: Any) -> None:  # noqa: F811
    small.save(database.url)
    new = rows(id="p2/new", name="新港", kind="hub", where="丙港")
    one, two, three = (rm.open(database.url).edit(records=new.assign(note=str(n))) for n in range(3))
    stale = rm.open(database.url).edit(records=rows(id="p1/port", note="stale"))
    one.save(database.url)
    with pytest.raises(rm.errors.ConflictError, match="p2/new"):
        two.save(database.url)
    # removed and put back by somebody: not the row that was read
    database.run("CREATE TABLE kept AS SELECT * FROM regionmap.records WHERE id = 'p1/port'")
    database.run("ALTER TABLE kept DROP COLUMN version, DROP COLUMN slack_m, DROP COLUMN position")
    names = ", ".join(f'"{r[0]}"' for r in database.run("SELECT column_name FROM information_schema.columns WHERE table_name = 'kept'"))
    database.run("DELETE FROM regionmap.records WHERE id = 'p1/port'")
    database.run(f"INSERT INTO regionmap.records ({names}) SELECT {names} FROM kept")
    with pytest.raises(rm.errors.ConflictError, match="p1/port"):
        stale.save(database.url)
    assert three.base is not None


def test_many_editors_at_once_lose_nothing(small: Any, database: Any) -> None:  # noqa: F811
    """Three editors, each adds to the same note three times, trying again after every conflict."""
    small.edit(records=rows(id="p1/park", note="")).save(database.url)
    conflicts: list[int] = []

    def editor(number: int) -> None:
        for turn in range(3):
            while True:
                region = rm.open(database.url)
                note = region.records.at["p1/park", "note"]
                try:
                    region.edit(records=rows(id="p1/park", note=f"{note}[{number}.{turn}]")).save(database.url)
                    break
                except rm.errors.ConflictError:
                    conflicts.append(number)

    threads = [threading.Thread(target=editor, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    note = rm.open(database.url).records.at["p1/park", "note"]
    assert sorted(note[1:-1].split("][")) == sorted(f"{n}.{t}" for n in range(3) for t in range(3))
    assert conflicts  # they did meet


def test_a_row_edited_in_another_program_counts(small: Any, database: Any) -> None:  # noqa: F811
    small.save(database.url)
    mine = rm.open(database.url).edit(records=rows(id="p1/zone", note="mine"))
    database.run("ALTER TABLE regionmap.records ADD COLUMN remark text")
    database.run("UPDATE regionmap.records SET remark = '看过', geom = ST_Translate(geom, 0.1, 0) WHERE id = 'p1/zone'")
    again = rm.open(database.url)
    assert again.records.at["p1/zone", "remark"] == "看过"
    assert again.plans["p1"].edition != small.plans["p1"].edition and again.plans["p2"] == small.plans["p2"]
    with pytest.raises(rm.errors.ConflictError, match="p1/zone"):
        mine.save(database.url)
    again.edit(records=rows(id="p1/zone", note="after", odd=1.5)).save(database.url)  # a new column, too
    assert rm.open(database.url).records.at["p1/zone", "odd"] == 1.5


def test_another_region_is_not_overwritten(small: Any, region: Any, database: Any) -> None:  # noqa: F811
    small.save(database.url)
    with pytest.raises(rm.errors.StoreError, match="was not opened from"):
        small.save(database.url)
    small.save(f"{database.url}&schema=draft%20%C3%A4'\\;x")  # quoted, whatever it is
    assert_same(small, rm.open(f"{database.url}&schema=draft%20%C3%A4'\\;x"))
    smaller = small.edit(remove=["p1/nowhere"])
    smaller.save(database.url, replace=True)
    assert_same(smaller, rm.open(database.url))
    database.run("CREATE SCHEMA other; CREATE TABLE other.plans (id int)")
    with pytest.raises(rm.errors.StoreError, match="schema other has tables plans and no region"):
        small.save(f"{database.url}&schema=other", replace=True)
    with pytest.raises(rm.errors.NotFoundError, match="schema=nothing"):
        rm.open(f"{database.url}&schema=nothing")


def test_text_from_strangers_is_only_text(small: Any, database: Any) -> None:  # noqa: F811
    evil = "'); DROP TABLE regionmap.records; -- %s {0} \\N \t \" 双'引号"
    small.edit(records=rows(id="p1/park", note=evil, aliases=[evil], **{'co"l; DROP': evil})).save(database.url)
    again = rm.open(database.url)
    row = again.records.loc["p1/park"]
    assert row["note"] == evil and row["aliases"] == [evil] and row['co"l; DROP'] == evil
    again.edit(records=rows(id="p1/port", **{'co"l; DROP': evil})).save(database.url)
    assert len(again.stored(ids=[evil]).frame()) == 0
    with pytest.raises(rm.errors.InputError, match="63 bytes"):
        small.edit(records=rows(id="p1/park", **{"长" * 30: "x"})).save(f"{database.url}&schema=long")


class Cutter:
    """A line to the database that breaks after so many bytes have gone up."""

    def __init__(self, port: int, after: int) -> None:
        self.after, self.port = after, port
        self.server = socket.create_server(("127.0.0.1", 0))
        self.at = self.server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        client, _ = self.server.accept()
        base = socket.create_connection(("127.0.0.1", self.port))
        threading.Thread(target=self._down, args=(base, client), daemon=True).start()
        sent = 0
        while block := client.recv(2048):
            sent += len(block)
            if sent > self.after:
                break
            base.sendall(block)
        for end in (client, base):
            end.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _down(base: socket.socket, client: socket.socket) -> None:
        try:
            while block := base.recv(65536):
                client.sendall(block)
        except OSError:
            pass


def test_a_connection_that_breaks_during_a_save_changes_nothing(small: Any, database: Any) -> None:  # noqa: F811
    small.save(database.url)
    state = "SELECT id, version, note FROM regionmap.records ORDER BY id", "SELECT revision FROM regionmap.region"
    before, broken, chance = [database.run(s) for s in state], 0, random.Random(9)
    everything = small.records[["id"]].assign(note="neu" * 40)
    for number in range(20):
        cutter = Cutter(database.port, chance.randrange(0, 16_000))
        url = database.through(cutter.at)
        edited = rm.open(database.url).edit(records=everything)
        try:
            edited.save(url, replace=bool(number % 2))
        except rm.errors.StoreError as error:
            assert PASSWORD not in str(error) and QUOTED not in str(error)
            broken += 1
            assert [database.run(s) for s in state] == before
        else:
            assert set(rm.open(database.url).records["note"]) == {"neu" * 40}
            small.save(database.url, replace=True)
            before = [database.run(s) for s in state]
    assert broken


def test_no_password_is_ever_shown(small: Any, database: Any, caplog: pytest.LogCaptureFixture, capsys: Any) -> None:  # noqa: F811
    shown: list[str] = []
    with caplog.at_level(logging.DEBUG):
        small.save(database.url)
        again = rm.open(database.url)
        layer = again.stored("park")
        shown += [repr(again), repr(layer), repr(again.base), str(small.save(f"{database.url}&schema=b")), again.origin]
        bad = [
            database.url.replace(database.name, "nowhere"),
            database.url.replace(str(database.port), "1"),
            database.url.replace(QUOTED, QUOTED + "x"),
            f"{database.url}&bogus={QUOTED}",
            f"postgresql://planner@127.0.0.1:{database.port}/nowhere?password={QUOTED}&sslmode=disable",
            database.url.replace(f":{database.port}", ":port"),
            f"postgresql://planner:{QUOTED}@127.0.0.1",
        ]
        for url in bad:
            for act in (lambda u: rm.open(u), lambda u: small.save(u)):
                with pytest.raises((rm.errors.StoreError, rm.errors.InputError)) as error:
                    act(url)
                whole = traceback.TracebackException.from_exception(error.value, capture_locals=False)
                shown += [str(error.value), repr(error.value), "".join(whole.format())]
                assert error.value.__cause__ is None and (error.value.__suppress_context__ or error.value.__context__ is None)
        for words in (["list", "--data", bad[0]], ["find", "丁", "--data", database.url], ["export", bad[1], "--data", database.url]):
            _, out, err = run(capsys, *words)
            shown += [out, err]
    shown.append(caplog.text)
    for text in shown:
        assert PASSWORD not in text and QUOTED not in text and "geh" not in text


def test_the_command_line_opens_and_writes_a_database(small: Any, database: Any, capsys: Any) -> None:  # noqa: F811
    code, out, _ = run(capsys, "export", database.url, "--data", str(small.folder))
    assert code == 0 and "9 rows" in out and "***" not in out
    code, out, _ = run(capsys, "find", "丁园区", "--data", database.url)
    assert code == 0 and "p1/park" in out


def test_without_psycopg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(rm.errors.MissingExtraError, match=r"regionmap\[postgis\]"):
        rm.open("postgresql://localhost/x")

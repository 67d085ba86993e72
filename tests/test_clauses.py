"""Numbered clauses are found in texts of three habits, and put in order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from regionmap.plans import clauses

OUTLINE = """关于某事的意见
一、总的想法
(一)怎么想
1.先想。其余不是标题
(二)为什么
二、做什么
(一)修路
1、修一条
2.修两条
１０．修十条
12.5公里不是条
(十一)收尾
"""
CHAPTERS = """目录
第一篇 开头
第一章 过去
第一节 很久以前
第二节 不久以前
第十二章 将来
第一节 明天
"""
SCANNED = """1、一份扫描件L想法。第一段,约有3.5万人。2 .目标。到2030年
2、后面8的话。3.修路(甲局)5.架桥Il跑偏 IL不对7 .收尾。100.00元 99.乱码
"""


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (OUTLINE, ["一", "一(一)", "一(一)1", "一(二)", "二", "二(一)", "二(一)1", "二(一)2", "二(一)10", "二(十一)"]),
        (CHAPTERS, ["第一章", "第一章第一节", "第一章第二节", "第十二章", "第十二章第一节"]),
        (SCANNED, ["1", "2", "3", "5", "7"]),
        ("没有编号的话", []),
        ("", []),
    ],
    ids=["outline", "chapters", "scanned", "none", "empty"],
)
def test_clauses_of_a_text(text: str, numbers: list[str]) -> None:
    found = [c.number for c in clauses.headings(text)]
    assert found == numbers
    shuffled = random.Random(4).sample(numbers, len(numbers))
    assert sorted(shuffled, key=clauses.order) == numbers


def test_clauses_run_on_in_a_scan_where_eleven_is_letters() -> None:
    text = "".join(f"{n}.某事。" for n in range(1, 11)) + "IL又一事。12 .末事"
    assert [c.number for c in clauses.headings(text)] == [str(n) for n in range(1, 13)]


def test_titles_stop_at_the_sentence_and_lines_count_from_one() -> None:
    by_number = {c.number: c for c in clauses.headings(OUTLINE)}
    assert by_number["一(一)1"].title == "先想"
    assert by_number["二(一)10"].line == 10


def test_leaves_hold_nothing() -> None:
    assert [c.number for c in clauses.leaves(clauses.headings(OUTLINE))] == [
        "一(一)1", "一(二)", "二(一)1", "二(一)2", "二(一)10", "二(十一)"]  # fmt: skip
    assert clauses.holds("三(二)", "三(二)1")
    assert not clauses.holds("1", "11")
    assert not clauses.holds("二", "二十(一)")


def test_texts_in_gb18030_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(OUTLINE.encode("gb18030"))
    (tmp_path / "b.txt").write_bytes(OUTLINE.encode("utf-8-sig"))
    assert clauses.read_text(tmp_path / "a.txt") == clauses.read_text(tmp_path / "b.txt") == OUTLINE

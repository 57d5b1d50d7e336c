"""A number is put into a YAML file of any style, and every byte beside it stays."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from horetsu_utils.yaml_places import EntangledError, put, told

DAYS = ("journey", "reading_days")
PERIOD = ("period_days",)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("name: 店\nperiod_days: 365   # 一年\nx: 1", "name: 店\nperiod_days: 30   # 一年\nx: 1"),
        ("name: 店\r\nperiod_days:   365\r\nx: 1\r\n", "name: 店\r\nperiod_days:   30\r\nx: 1\r\n"),
        ("name: 店\rperiod_days: 365\rx: 1", "name: 店\rperiod_days: 30\rx: 1"),
        ("{name: 店,period_days: 365 , x: 1}", "{name: 店,period_days: 30 , x: 1}"),
        ("'period_days' : !!int '365'\n", "'period_days' : 30\n"),
        ("? period_days\n: 365\n", "? period_days\n: 30\n"),
        ("x: 😊𠮷 # 😊\nperiod_days: 365", "x: 😊𠮷 # 😊\nperiod_days: 30"),
        ("period_days:\nx: 1\n", "period_days: 30\nx: 1\n"),
        ("period_days: ~ # なし\n", "period_days: 30 # なし\n"),
        ("x: &a 365\nperiod_days: 1\ny: *a\n", "x: &a 365\nperiod_days: 30\ny: *a\n"),
        # not written yet
        ("name: 店", "name: 店\n\nperiod_days: 30\n"),
        ("name: 店\n\n", "name: 店\n\nperiod_days: 30\n"),
        ("name: 店\r\n# 終わり\r\n", "name: 店\r\n# 終わり\r\n\r\nperiod_days: 30\r\n"),
        ("  name: 店\n  x: 1\n", "  name: 店\n  x: 1\n\n  period_days: 30\n"),
        ("---\nname: 店\n...\n", "---\nname: 店\n\nperiod_days: 30\n...\n"),
        ("{name: 店, x: [1, 2],}", "{name: 店, x: [1, 2], period_days: 30,}"),
        ("{}", "{period_days: 30}"),
        ("# period_days: 365\nname: 店\n", "# period_days: 365\nname: 店\n\nperiod_days: 30\n"),
        ("a: &a 1\nx: {b: *a}\n", "a: &a 1\nx: {b: *a}\n\nperiod_days: 30\n"),
    ],
)
def test_a_number_takes_the_place_of_the_old_one_and_nothing_else_moves(before: str, after: str) -> None:
    assert put(before, PERIOD, 30) == after
    assert yaml.safe_load(after)["period_days"] == 30


@pytest.mark.parametrize(
    "before",
    [
        "journey: # 道\n    # 日\n    reading_days: [30,60,  90]   # 日\n\nx: 1\n",
        "journey:\r\n  reading_days:\r\n  - 30 # a\r\n  # b\r\n  - 60 # c\r\n  - 90\r\nx: 1\r\n",
        "journey: {settling_days: 3,reading_days: [30, 60, 90]}",
        "journey:\n  reading_days: [30, # a\n    60, # b\n    90 # c\n  ]\n",
    ],
)
def test_a_list_of_the_same_length_changes_item_by_item(before: str) -> None:
    assert put(before, DAYS, (30, 45, 90)) == before.replace("60", "45")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("journey:\n  reading_days: [30,60]  # 日\n", "journey:\n  reading_days: [30,45, 90]  # 日\n"),
        ("journey:\n  reading_days: [30,60,]\n", "journey:\n  reading_days: [30,45, 90,]\n"),
        ("journey:\n  reading_days: [30,60,90,120 ]\n", "journey:\n  reading_days: [30,45,90 ]\n"),
        (
            "journey:\n  reading_days:\n    - 30 # a\n    - 60 # c",
            "journey:\n  reading_days:\n    - 30 # a\n    - 45 # c\n    - 90",
        ),
        (
            "journey:\n  reading_days:\n  - 30\n  - 60\n  - 90 # c\n  # d\n  - 120 # e\n  # f\n\nx: 1\n",
            "journey:\n  reading_days:\n  - 30\n  - 45\n  - 90 # c\n  # d\n  # f\n\nx: 1\n",
        ),
        ("journey:\r\n  reading_days: []\r\n", "journey:\r\n  reading_days: [30, 45, 90]\r\n"),
        ("journey:\n  reading_days: 30\n", "journey:\n  reading_days: [30, 45, 90]\n"),
        # not written yet
        ("journey:\nx: 1\n", "journey:\n  reading_days: [30, 45, 90]\nx: 1\n"),
        ("journey: # 道\n  # 日\nx: 1\n", "journey: # 道\n  reading_days: [30, 45, 90]\n  # 日\nx: 1\n"),
        ("journey: ~ # 道\n", "journey: {reading_days: [30, 45, 90]} # 道\n"),
        ("journey: {}\n", "journey: {reading_days: [30, 45, 90]}\n"),
        ("{journey: }\n", "{journey: {reading_days: [30, 45, 90]} }\n"),
        (
            "journey:\n    settling_days: 5 # 五\n\n  # 次の話\nx: 1",
            "journey:\n    settling_days: 5 # 五\n    reading_days: [30, 45, 90]\n\n  # 次の話\nx: 1",
        ),
        (
            "a: &a 3\njourney:\n  settling_days: *a # 三\nx: 1",
            "a: &a 3\njourney:\n  settling_days: *a # 三\n  reading_days: [30, 45, 90]\nx: 1",
        ),
        (
            "journey:\n  x:\n    - y\n    - z # z\nx: 1",
            "journey:\n  x:\n    - y\n    - z # z\n  reading_days: [30, 45, 90]\nx: 1",
        ),
        (
            "journey:\n  x: |\n    長い\n    文\nx: 1\n",
            "journey:\n  x: |\n    長い\n    文\n  reading_days: [30, 45, 90]\nx: 1\n",
        ),
        ("name: 店", "name: 店\n\njourney:\n  reading_days: [30, 45, 90]\n"),
        ("{name: 店}", "{name: 店, journey: {reading_days: [30, 45, 90]}}"),
    ],
)
def test_a_list_grows_and_shrinks_and_a_missing_section_is_written(before: str, after: str) -> None:
    assert put(before, DAYS, (30, 45, 90)) == after
    assert yaml.safe_load(after)["journey"]["reading_days"] == [30, 45, 90]


@pytest.mark.parametrize(
    ("before", "location"),
    [
        ("x: &a 3\nperiod_days: *a\n", PERIOD),
        ("x: &a {settling_days: 3}\njourney: *a\n", DAYS),
        ("x: &a 3\njourney:\n  reading_days: [*a, 60, 90]\n", DAYS),
        ("journey:\n  reading_days: [30, 60, 90, # c\n    120]\n", DAYS),
        ("journey: 3\n", DAYS),
        ("journey:\n  reading_days: {a: 1}\n", DAYS),
        ("- a\n", PERIOD),
        ("", PERIOD),
    ],
)
def test_what_stands_for_more_than_itself_is_left_alone(before: str, location: tuple[str, ...]) -> None:
    with pytest.raises(EntangledError):
        put(before, location, (30, 45, 90) if location == DAYS else 30)


@pytest.mark.parametrize(
    ("value", "text"),
    [(30, "30"), (30.0, "30"), (0.5, "0.5"), (1e-7, "0.0000001"), (70000.25, "70000.25"), ((1, 2.5), "[1, 2.5]")],
)
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert told(value) == text
    assert yaml.safe_load(told(value)) == (list(value) if isinstance(value, tuple) else value)


KEYS = st.sampled_from(["a", "b", "名前", "journey", "period_days"])
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.lists(st.integers(0, 99), max_size=4)
)
SECTIONS = st.dictionaries(KEYS, LEAVES, max_size=3)
FILES = st.dictionaries(KEYS, st.one_of(LEAVES, SECTIONS), min_size=1, max_size=5)


@given(
    data=FILES,
    location=st.sampled_from([("period_days",), ("journey", "a"), ("journey", "period_days")]),
    value=st.one_of(st.integers(0, 999), st.lists(st.integers(0, 99), min_size=1, max_size=5)),
    flow=st.sampled_from([None, True, False]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_is_written_only_the_setting_changes(
    data: dict, location: tuple[str, ...], value: object, flow: bool | None, newline: str
) -> None:
    text = yaml.safe_dump(data, allow_unicode=True, default_flow_style=flow, sort_keys=False)
    before = text.replace("\n", newline)
    held = yaml.safe_load(before)
    try:
        after = put(before, location, value)
    except EntangledError:
        inner = data if len(location) == 1 else data.get("journey")
        assert not isinstance(inner, dict) or isinstance(inner.get(location[-1]), dict | list)
        return
    inner = held
    for name in location[:-1]:
        inner[name] = inner.get(name) or {}
        inner = inner[name]
    inner[location[-1]] = value
    assert yaml.safe_load(after) == held

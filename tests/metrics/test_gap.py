"""The gap: patterns, shares, levels, places, what followed, by hand; edges, properties, the demo, Olist's reviews."""

import datetime as dt
import math
import shutil
from decimal import Decimal
from pathlib import Path

import ibis
import pandas as pd
import pytest
from by_hand import bought, credited, orders, records
from heard import AS_OF, RULES, judged, scored
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import demo, hearing
from horetsu_utils.demo import Demo
from horetsu_utils.method import GapRules
from horetsu_utils.metrics import gap
from horetsu_utils.shop import Shop

CONTACT = {"customer_id": "string", "at": "timestamp(6)", "reaction": "string"}
ROOT = Path(__file__).resolve().parents[2]


def contacts(*rows: tuple[str, int, str]) -> ibis.Table:
    """Tell of contacts by how many days before AS_OF they were."""
    told = [
        {"customer_id": who, "at": dt.datetime.combine(before(days), dt.time(9)), "reaction": reaction}
        for who, days, reaction in rows
    ]
    return ibis.memtable(told, schema=CONTACT)


def before(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


def patterns(pairs: list[tuple[float, float]], rules: GapRules = RULES) -> list[str]:
    return [row[0] for row in records(judged(scored(*pairs), rules), "pattern", by="voice_id")]


def test_patterns_by_hand() -> None:
    # expected 4, found 2: -2; expected 3, found 3: 0; expected 3, found 5: +2
    rows = records(judged(scored((4, 2), (3, 3), (3, 5))), "gap", "pattern", by="voice_id")
    assert rows == [(-2, "disappointed"), (0, "content"), (2, "moved")]


def test_a_difference_within_the_tolerance_is_none() -> None:
    pairs = [(4, 3.5), (4, 3.4), (3, 3.5), (3, 3.6)]
    rules = GapRules(tolerance=0.5)
    assert patterns(pairs, rules) == ["content", "disappointed", "content", "moved"]
    # 7 and 6 of 0-10 are 3.8 and 3.4 of 1-5: they differ by the tolerance exactly, and no rounding may hide it
    assert patterns([(3.8, 3.4)], GapRules(tolerance=0.4)) == ["content"]


def test_shares_by_hand() -> None:
    table = gap.shares(judged(scored((4, 2), (3, 3), (3, 3), (2, 5))))
    rows = records(table, "pattern", "voices", "whole", "ratio", by=None)
    assert rows == [("disappointed", 1, 4, 0.25), ("content", 2, 4, 0.5), ("moved", 1, 4, 0.25)]
    # Wilson for 1 of 4, z² = 3.8415: centre (.25 + 3.8415/8) / (1 + 3.8415/4) = .73018 / 1.96036 = .37247
    # half = 1.95996 / 1.96036 × sqrt(.25 × .75 / 4 + 3.8415 / 64) = .99980 × sqrt(.106898) = .32689
    low, high = records(table, "low", "high", by=None)[0]
    assert (low, high) == pytest.approx((0.37247 - 0.32689, 0.37247 + 0.32689), abs=5e-5)


def test_a_pattern_without_a_voice_has_a_share_of_nothing() -> None:
    table = gap.shares(judged(scored((3, 3), department="物流") + scored((4, 2), department="広報")), by="department")
    rows = records(table, "department", "pattern", "voices", "whole", "ratio", by=None)
    assert rows == [
        ("広報", "disappointed", 1, 1, 1.0), ("広報", "content", 0, 1, 0.0), ("広報", "moved", 0, 1, 0.0),
        ("物流", "disappointed", 0, 1, 0.0), ("物流", "content", 1, 1, 1.0), ("物流", "moved", 0, 1, 0.0),
    ]  # fmt: skip


def test_without_voices_there_are_no_shares() -> None:
    assert records(gap.shares(judged([])), by=None) == []
    assert records(gap.shares(judged([]), by="step"), by=None) == []


def test_levels_by_hand() -> None:
    # A's two voices: expected 4 and 2, found 2 and 2: means 3 and 2, gap -1. B: 4 and 5, gap +1. At "b" C: 3 and 1
    rows = scored((4, 2), (2, 2), step="a", customer_id="A") + scored((4, 5), step="a", customer_id="B")
    rows += scored((3, 1), step="b", customer_id="C")
    table = gap.levels(judged(rows), by=("step",))
    first, second = records(table, "step", "expectation", "evaluation", "gap", "customers", "voices", by=None)
    assert first == ("a", 3.5, 3.5, 0, 2, 3)
    assert second == ("b", 3, 1, -2, 1, 1)
    # deviation of -1 and +1: sqrt(2); error sqrt(2)/sqrt(2) = 1; interval 0 ± 1.96
    (error, low, high), alone = records(table, "error", "low", "high", by=None)
    assert (error, low, high) == pytest.approx((1, -1.959964, 1.959964))
    assert alone == (None, None, None)


def test_voices_of_nobody_known_are_people_of_their_own() -> None:
    table = gap.levels(judged(scored((3, 1), (3, 2), (3, 3))), by=("step",))
    assert records(table, "customers", "gap", by=None) == [(3, -1)]


def many(count: int, *pairs: tuple[float, float], **more: str) -> list[dict]:
    """Repeat the pairs for so many people."""
    return scored(*(pairs[number % len(pairs)] for number in range(count)), **more)


def test_places_to_mend_by_hand() -> None:
    rows = many(20, (4, 3), (4, 2), step="a", department="x")  # gaps -1 and -2: mean -1.5, 20 people: 30 missing
    rows += many(50, (4, 3), (3, 3), step="b", department="x")  # mean -0.5, 50 people: 25 missing
    rows += many(19, (5, 1), (5, 2), step="c", department="x")  # 19 people are too few
    rows += many(40, (4, 3), (3, 4), step="d", department="x")  # mean 0
    told = gap.to_mend(gap.levels(judged(rows), by=("step", "department")), rules=RULES)
    found = [
        (step, place, round(missing, 6))
        for step, place, missing in records(told, "step", "department", "missing", by=None)
    ]
    assert found == [("a", "x", 30), ("b", "x", 25)]


def test_a_place_is_sure_from_three_standard_errors_on() -> None:
    # of 25 people k have a gap of -1, the others +1: mean (25 - 2k)/25, deviation sqrt(25/24 × (1 - mean²)), error /5
    # k = 20: mean -.6, error .2 × sqrt(1.041667 × .64) = .16330, -.6 + 3 × .1633 = -.1101 < 0: sure
    # k = 19: mean -.52, error .2 × sqrt(1.041667 × .7296) = .17436, -.52 + .52307 = +.0031: not sure
    def places(down: int) -> int:
        rows = scored(*[(3, 2)] * down, *[(3, 4)] * (25 - down), step="a")
        return len(records(gap.to_mend(gap.levels(judged(rows), by=("step",)), rules=RULES), by=None))

    assert (places(20), places(19)) == (1, 0)


def test_all_alike_are_sure_and_one_alone_is_not() -> None:
    told = gap.levels(judged(many(30, (4, 3), step="a") + many(1, (5, 1), step="b")), by=("step",))
    assert [step for step, *_ in records(gap.to_mend(told, rules=RULES), by=None)] == ["a"]


FOLLOW = [
    ("A", 200, (4, 2)),  # disappointed, 200 days ago
    ("B", 200, (4, 2)),
    ("C", 90, (4, 2)),  # watched for exactly 90 days
    ("D", 89, (4, 2)),  # not yet
    ("A", 150, (3, 3)),  # content later on
]


def followed(bills: list, touched: list[tuple[str, int, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    rows = [row for who, days, pair in FOLLOW for row in scored(pair, customer_id=who, on=before(days))] + scored(
        (4, 1)
    )  # of nobody known: it tells nothing here
    table = gap.followed(judged(rows), orders(bills), contacts(*touched), as_of=AS_OF, rules=RULES)
    told = records(table, "pattern", "outcome", "customers", "came", by=None)
    return {(pattern, outcome): (customers, came) for pattern, outcome, customers, came in told}


def test_what_followed_by_hand() -> None:
    bills = [
        bought("A", before(200), 1000),  # on the day of the voice itself: no consequence
        bought("A", before(110), 1000),  # 90 days after the first voice, 40 after the second: both
        bought("B", before(109), 1000),  # 91 days after: too late
        credited("C", before(50), 500),  # a credit note is no order
        bought("D", before(50), 1000),
    ]
    touched = [
        ("A", 199, "complaint"),
        ("A", 198, "complaint"),
        ("B", 150, "referral"),
        ("B", 200, "complaint"),
        ("C", 1, "open"),
    ]
    told = followed(bills, touched)
    assert told["disappointed", "repeat"] == (3, 1)
    assert told["disappointed", "complaint"] == (3, 1)  # A twice counts once; B's stood on the day of the voice
    assert told["disappointed", "referral"] == (3, 1)
    assert told["content", "repeat"] == (1, 1)
    assert told["content", "complaint"] == (1, 0)
    assert told["moved", "repeat"] == (0, 0)


def test_of_several_voices_of_a_pattern_the_first_counts() -> None:
    rows = scored((4, 2), customer_id="A", on=before(300)) + scored((4, 2), customer_id="A", on=before(150))
    table = gap.followed(judged(rows), orders([bought("A", before(140), 1)]), contacts(), as_of=AS_OF, rules=RULES)
    assert records(table, "customers", "came", by=None)[1] == (1, 0)  # 160 days after the first


def test_what_nobody_watched_has_no_ratio() -> None:
    table = gap.followed(judged([]), orders([]), contacts(), as_of=AS_OF, rules=RULES)
    assert records(table, "customers", "came", "ratio", "low", by=None) == [(0, 0, None, None)] * 9


def test_nothing_after_the_analysis_date_is_asked_for() -> None:
    rows = scored((4, 2), customer_id="A", on=before(90))
    late = AS_OF + dt.timedelta(days=1)
    told = [
        gap.followed(judged(rows), orders(bills), contacts(), as_of=AS_OF, rules=RULES).to_pandas()
        for bills in ([], [bought("A", late, 1)])
    ]
    pd.testing.assert_frame_equal(*told)


def test_coverage_by_hand() -> None:
    rows = scored((3, 3), (3, 3), customer_id="A") + scored((3, 3), customer_id="Z") + scored((3, 3))
    bills = [bought("A", before(10), 1), bought("B", before(364), 1), bought("C", before(365), 1)]
    told = gap.coverage(judged(rows), orders(bills), as_of=AS_OF, period_days=365)
    # four voices, one of nobody; A and Z were heard; A and B bought within the year, C a day too early
    assert records(told, "voices", "unnamed", "heard", "buyers", "buyers_heard", by=None) == [(4, 1, 2, 2, 1)]


SCORES = st.integers(1, 5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(SCORES, SCORES), min_size=1, max_size=40), st.sampled_from([0.0, 1.0, 1.5]))
def test_every_voice_has_one_pattern_and_the_shares_add_up(pairs: list[tuple[int, int]], tolerance: float) -> None:
    rules = GapRules(tolerance=tolerance)
    told = records(gap.shares(judged(scored(*pairs), rules)), "voices", "ratio", "low", "high", by=None)
    down = sum(expected - found > tolerance for expected, found in pairs)
    up = sum(found - expected > tolerance for expected, found in pairs)
    assert [row[0] for row in told] == [down, len(pairs) - down - up, up]
    assert math.isclose(sum(row[1] for row in told), 1)
    assert all(low <= ratio + 1e-12 and ratio <= high + 1e-12 for _, ratio, low, high in told)


@pytest.fixture(scope="module")
def shop() -> Demo:
    return demo.build()


def test_the_planted_gap_of_the_demo_shop_is_the_first_to_mend(shop: Demo) -> None:
    told = shop.tables["voices"]
    rows = told.assign(on=told["date"]).drop(columns=["date", "comment", "medium"]).to_dict("records")
    table = gap.to_mend(gap.levels(judged(rows), by=("step", "department")), rules=RULES)
    first = records(table, "step", "department", by=None)[0]
    assert first == (shop.truths.gap_step, shop.truths.gap_department)


@pytest.fixture(scope="module")
def olist(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> hearing.Hearing:
    folder = tmp_path_factory.mktemp("clients") / "olist"
    for name in ("data", "mappings"):
        (folder / name).mkdir(parents=True)
    for name in ("olist_order_reviews_dataset.csv", "olist_orders_dataset.csv"):
        shutil.copyfile(shared_data / "olist_sample_4000" / name, folder / "data" / name)
    shutil.copyfile(ROOT / "tests" / "mappings" / "olist.yaml", folder / "mappings" / "olist.yaml")
    settings_text = "name: Olist\ntime_zone: America/Sao_Paulo\ntables: {voices: [{files: data/*, mapping: olist}]}\n"
    (folder / "client.yaml").write_text(settings_text, encoding="utf-8")
    return hearing.hearing(Shop.open(folder, as_of=""))


def plain_olist(shared_data: Path) -> pd.DataFrame:
    """Judge Olist's reviews by pandas alone: 4 is expected, and the promised day is kept, or not."""
    folder = shared_data / "olist_sample_4000"
    reviews = pd.read_csv(folder / "olist_order_reviews_dataset.csv")
    both = reviews.merge(pd.read_csv(folder / "olist_orders_dataset.csv"), on="order_id")
    promised, came = (
        pd.to_datetime(both[f"order_{name}_date"]).dt.normalize()
        for name in ("estimated_delivery", "delivered_customer")
    )
    early = (promised - came).dt.days
    step = early.map(lambda days: "-" if pd.isna(days) else "早い" if days > 0 else "どおり" if days == 0 else "遅い")
    difference = both["review_score"] - 4
    return pd.DataFrame({"step": step, "gap": difference, "customer": both["customer_id"]})


def test_late_delivery_gives_the_disappointed_pattern(olist: hearing.Hearing, shared_data: Path) -> None:
    plain = plain_olist(shared_data)
    shares = olist.shares("step")
    steps = {"早い": "約束より早いお届け", "どおり": "約束どおりのお届け", "遅い": "約束より遅いお届け", "-": "-"}
    for short, step in steps.items():
        own = plain.loc[plain["step"] == short, "gap"]
        told = shares[shares["step"] == step].set_index("pattern")["voices"]
        assert told.to_dict() == {
            "disappointed": (own < 0).sum(),
            "content": (own == 0).sum(),
            "moved": (own > 0).sum(),
        }
    ratio = shares[shares["pattern"] == "disappointed"].set_index("step")[["ratio", "low", "high"]]
    late, early = ratio.loc[steps["遅い"]], ratio.loc[steps["早い"]]
    assert late["low"] > 0.5 > early["high"]  # most of the late are disappointed, and few of the early


def test_late_delivery_is_the_first_to_mend(olist: hearing.Hearing, shared_data: Path) -> None:
    plain = plain_olist(shared_data)
    each = plain[plain["step"] == "遅い"].groupby("customer")["gap"].mean()
    places = olist.to_mend
    assert places["step"].iloc[0] == "約束より遅いお届け"
    assert places["gap"].iloc[0] == pytest.approx(each.mean(), abs=1e-9)
    assert places["customers"].iloc[0] == len(each)
    assert Decimal(str(places["gap"].iloc[0])) < -1

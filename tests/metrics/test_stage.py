import datetime as dt

import ibis
import pytest
from histories import AS_OF, RULES, bought, day, given, heard, recorded, refunded, registered, touched, walked
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from horetsu_utils.metrics import stage
from horetsu_utils.relation import COOLING
from horetsu_utils.walk import walk

# The kit's rules: landed after 14 quiet days; a stage keeps warm for 150, 120, 90, 120 days (stages 1 to 4) and, once
# cooling, is lost after 90 more.
TWELVE = {
    # only registered: watching
    "01": [registered("01", "2026-06-01")],
    # bought on 06-01; 14 quiet days end on 06-15
    "02": [bought("02", "2026-06-01")],
    # a complaint within the 14 days: never landed by the first order
    "03": [bought("03", "2026-06-01"), touched("03", "2026-06-05", "complaint")],
    # returned within the 14 days
    "04": [bought("04", "2026-06-01"), refunded("04", "2026-06-10")],
    # a second order before the 14 days are over lands at once
    "05": [bought("05", "2026-06-01"), bought("05", "2026-06-08")],
    # landed on 03-15, answered on 04-01; 120 days of warmth reach to 07-30
    "06": [bought("06", "2026-03-01"), touched("06", "2026-04-01", "reply")],
    # calm record (1), second good one (2), the fourth week of records (3)
    "07": [recorded("07", "2026-05-01"), recorded("07", "2026-05-08", "良い"), recorded("07", "2026-05-15", "良い"),
           recorded("07", "2026-05-22")],
    # landed 03-15; the survey answered on 03-20 counts for 3, but 2 is not reached: it leads on only after the reply
    "08": [bought("08", "2026-03-01"), heard("08", "2026-03-20", 3, 4), touched("08", "2026-04-01", "reply"),
           touched("08", "2026-04-10", "review")],
    # a referral on the third day: from watching straight to 4
    "09": [bought("09", "2026-06-10"), touched("09", "2026-06-12", "referral")],
    # landed 01-15; 150 days of warmth end on 06-14, so it cools on 06-15
    "10": [bought("10", "2026-01-01")],
    # landed 2025-09-15, answered 09-20; cools on 2026-01-19 (121 days on), falls to 1 on 04-19 (90 days on)
    "11": [bought("11", "2025-09-01"), touched("11", "2025-09-20", "reply")],
    # as 11, but bought on 05-01 (keeps 1 warm) and answered again on 05-10: back at 2
    "12": [bought("12", "2025-09-01"), touched("12", "2025-09-20", "reply"), bought("12", "2026-05-01"),
           touched("12", "2026-05-10", "reply")],
}  # fmt: skip
ROWS = [row for rows in TWELVE.values() for row in rows]
EXPECTED = {
    "01": (0, "2026-06-01", None),
    "02": (1, "2026-06-15", None),
    "03": (0, "2026-06-01", None),
    "04": (0, "2026-06-01", None),
    "05": (1, "2026-06-08", None),
    "06": (2, "2026-04-01", None),
    "07": (3, "2026-05-22", None),
    "08": (3, "2026-04-10", None),
    "09": (4, "2026-06-12", None),
    "10": (1, "2026-01-15", "2026-06-15"),
    "11": (1, "2026-04-19", "2026-01-19"),
    "12": (2, "2026-05-10", None),
}
EVIDENCE = {
    "01": [("reached", 0, "registered", "2026-06-01")],
    "02": [("reached", 0, "bought", "2026-06-01"), ("reached", 1, "landed", "2026-06-15")],
    "06": [("reached", 0, "bought", "2026-03-01"), ("reached", 1, "landed", "2026-03-15"),
           ("reached", 2, "reply", "2026-04-01")],
    "09": [("reached", 0, "bought", "2026-06-10"), ("reached", 4, "referral", "2026-06-12"),
           ("kept", 4, "landed", "2026-06-24")],
    "10": [("reached", 0, "bought", "2026-01-01"), ("reached", 1, "landed", "2026-01-15"),
           ("cooled", 1, "silence", "2026-06-15")],
    "11": [("reached", 0, "bought", "2025-09-01"), ("reached", 1, "landed", "2025-09-15"),
           ("reached", 2, "reply", "2025-09-20"), ("cooled", 1, "silence", "2026-01-19"),
           ("fell", 1, "unmended", "2026-04-19")],
    "12": [("reached", 0, "bought", "2025-09-01"), ("reached", 1, "landed", "2025-09-15"),
           ("reached", 2, "reply", "2026-05-10")],
}  # fmt: skip
SPELLS_OF_12 = [
    (0, False, "2025-09-01", "2025-09-15"),
    (1, False, "2025-09-15", "2025-09-20"),
    (2, False, "2025-09-20", "2026-01-19"),
    (2, True, "2026-01-19", "2026-04-19"),
    (1, True, "2026-04-19", "2026-05-01"),
    (1, False, "2026-05-01", "2026-05-10"),
    (2, False, "2026-05-10", None),
]


def today(rows, as_of: dt.date = AS_OF) -> dict[str, tuple]:
    _, spells = walked(rows, as_of=as_of)
    found = stage.stages(spells, spells, as_of=as_of, confidence=1.0).to_pyarrow().to_pylist()
    told = {row["customer_id"]: (row["stage"], text(row["since_on"]), text(row["cooled_on"])) for row in found}
    assert all(row["cooling"] == (row["cooled_on"] is not None) for row in found)
    return told


def text(on: dt.date | None) -> str | None:
    return on.isoformat() if on else None


def told_of(rows) -> dict[str, list[tuple]]:
    firm, spells = walked(rows)
    found: dict[str, list[tuple]] = {}
    order = {"reached": 0, "kept": 1, "cooled": 2, "fell": 3}
    records = stage.evidence(spells, firm).to_pyarrow().to_pylist()
    for row in sorted(records, key=lambda row: (order[row["role"]], row["on"], row["stage"])):
        told = (row["role"], row["stage"], row["signal"], text(row["on"]))
        found.setdefault(row["customer_id"], []).append(told)
    return found


def test_twelve_customers_stand_where_the_rules_lead_them() -> None:
    assert today(ROWS) == EXPECTED


@pytest.mark.parametrize("who", sorted(TWELVE))
def test_a_customers_stage_does_not_depend_on_the_others(who: str) -> None:
    assert today(TWELVE[who]) == {who: EXPECTED[who]}


def test_the_evidence_tells_what_decided_with_its_days() -> None:
    told = told_of(ROWS)
    assert {who: told[who] for who in EVIDENCE} == EVIDENCE


def test_the_whole_path_of_a_customer_who_came_back() -> None:
    _, spells = walked(TWELVE["12"])
    rows = spells.order_by("place").to_pyarrow().to_pylist()
    assert [(r["stage"], r["cooling"], text(r["from_on"]), text(r["until_on"])) for r in rows] == SPELLS_OF_12


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-06-14", (1, "2026-01-15", None)),  # the last warm day
        ("2026-06-15", (1, "2026-01-15", "2026-06-15")),
        ("2026-09-12", (1, "2026-01-15", "2026-06-15")),  # the 89th day of cooling
        ("2026-09-13", (0, "2026-09-13", None)),  # the 90th: lost, and whoever watches does not cool
    ],
)
def test_silence_cools_and_then_costs_a_stage_to_the_day(on: str, expected: tuple) -> None:
    assert today(TWELVE["10"], day(on)) == {"10": expected}


@pytest.mark.parametrize(
    ("cause", "signal"),
    [
        ([touched("A", "2026-06-01", "complaint")], "complaint"),
        ([heard("A", "2026-06-01", 4, 3)], "disappointed"),
        (
            [recorded("A", f"2026-05-{on}", "悪い") for on in (30, 31)] + [recorded("A", "2026-06-01", "悪い")],
            "bad_streak",
        ),
    ],
)
def test_what_cools_does_so_on_its_day_and_keeps_the_stage(cause, signal: str) -> None:
    came = [touched("A", "2026-05-01", "reply"), touched("A", "2026-05-02", "review")]
    rows = [bought("A", "2026-04-01"), *came, *cause]
    assert today(rows) == {"A": (3, "2026-05-02", "2026-06-01")}
    assert ("cooled", 3, signal, "2026-06-01") in told_of(rows)["A"]


def test_a_good_word_after_a_complaint_warms_again() -> None:
    rows = [bought("A", "2026-04-01"), touched("A", "2026-05-01", "complaint"), touched("A", "2026-05-02", "reply")]
    assert today(rows) == {"A": (2, "2026-05-02", None)}


def test_purchases_alone_never_lead_beyond_landing_but_hint() -> None:
    rows = [bought("A", f"2026-{month:02}-10") for month in range(1, 7)]  # six orders, a month apart, at full price
    firm, spells = walked(rows, "orders", "lines")
    every = given(rows, "orders", "lines")
    hinted = stage.spells(every, rhythm=RULES.rhythm, as_of=AS_OF)
    found = stage.stages(spells, hinted, as_of=AS_OF, confidence=0.5).to_pyarrow().to_pylist()
    assert [(row["stage"], row["provisional_stage"]) for row in found] == [(1, 2)]
    counts = stage.by_stage(stage.stages(spells, hinted, as_of=AS_OF, confidence=0.5)).to_pyarrow().to_pylist()
    assert counts == [
        {"stage": 1, "customers": 1, "cooling_customers": 0, "hinted_customers": 0},
        {"stage": 2, "customers": 0, "cooling_customers": 0, "hinted_customers": 1},
    ]
    assert not firm.filter(firm.level > 1).count().to_pyarrow().as_py()


def test_nobody_stands_anywhere_in_an_empty_shop() -> None:
    assert today([]) == {}
    firm, spells = walked([])
    assert stage.evidence(spells, firm).count().to_pyarrow().as_py() == 0


# --- every customer's evidence explains their stage by the rules alone

PAST = st.integers(0, 500).map(lambda back: AS_OF - dt.timedelta(days=back))
WHO = st.sampled_from("ABCDE")
HISTORY = st.lists(
    st.one_of(
        st.builds(bought, WHO, PAST),
        st.builds(refunded, WHO, PAST),
        st.builds(recorded, WHO, PAST, st.sampled_from(["良い", "普通", "悪い"])),
        st.builds(touched, WHO, PAST, st.sampled_from(["reply", "complaint", "review", "referral"])),
        st.builds(heard, WHO, PAST, st.integers(1, 5), st.integers(1, 5)),
    ),
    min_size=10,
    max_size=75,
)


def explained(evidence: list[tuple], levels: dict[str, int], silence: tuple[int, ...]) -> tuple[int, bool]:
    """Follow the evidence of one customer, and nothing else, to a stage; every step is held to the rules."""
    rises = sorted((on, at, signal) for role, at, signal, on in evidence if role == "reached")
    falls = sorted((on, at) for role, at, _, on in evidence if role == "fell")
    held = -1
    for _, at, signal in rises:
        assert levels[signal] == at and (at <= held + 1 or at == 4)
        held = at
    for _, at in falls:
        assert at < held
        held = at
    cooled = [(on, signal) for role, _, signal, on in evidence if role == "cooled"]
    last = max([on for role, _, _, on in evidence if role in ("reached", "kept")])
    for on, signal in cooled:
        if signal == "silence":
            reach = silence[held + len([fall for fall in falls if fall[0] > last])]
            assert dt.date.fromisoformat(on) == dt.date.fromisoformat(last) + dt.timedelta(days=reach + 1)
        else:
            assert levels[signal] == COOLING and on >= last
    return held, bool(cooled)


@settings(max_examples=10, deadline=None)  # of five customers each: asking takes as long for one as for five
@drawn(HISTORY)
def test_evidence_alone_explains_every_stage(rows: list) -> None:
    levels = {rule.signal: rule.level for rule in RULES.signals}
    told = told_of(rows)
    for who, (held, _, cooled_on) in today(rows).items():
        assert explained(told[who], levels, RULES.rhythm.silence_days) == (held, cooled_on is not None)


def test_customers_walked_in_parts_stand_where_they_stand_together(monkeypatch: pytest.MonkeyPatch) -> None:
    # customer k gives a level, 0 to 4, every 20 days: k + 1 times for the first hundred, 200 times for the last one
    counts = [*range(1, 101), 200]
    rows = [
        {"customer_id": f"{who:03}", "on": day("2015-01-01") + dt.timedelta(20 * place), "level": (who + place) % 5}
        for who, count in enumerate(counts)
        for place in range(count)
    ]
    kinds = {"customer_id": "string", "on": "date", "level": "int8"}
    told, walks = ibis.memtable(rows, schema=kinds), []
    monkeypatch.setattr(stage, "walk", lambda *each, **how: walks.append(each) or walk(*each, **how))

    def spells() -> list[dict]:
        return stage.spells(told, rhythm=RULES.rhythm, as_of=AS_OF).to_pyarrow().to_pylist()

    whole, once = spells(), len(walks)
    monkeypatch.setattr(stage, "PART", 2048)
    assert (spells(), once, len(walks) - once) == (whole, 2, 4)

"""What is no cart: till, questionnaire, LINE, mail and browsing files, from their own headings to exact rows."""

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import FILES

from horetsu_utils import assets
from horetsu_utils.ingest import identity, mapping, read
from horetsu_utils.ingest.recognise import recognise

UNNAMED = "  {}"
"""client.yaml names no file and no mapping: everything in the data folder is looked at."""
MAPPINGS = {path.stem: mapping.load(path) for path in sorted(assets.MAPPINGS.glob("*.yaml"))}
OWNERS = {
    "square_items.csv": ("square", ("orders",)),
    "google_forms_answers.csv": ("google_forms", ("voices", "story")),
    "lstep_friends.csv": ("lstep", ("touchpoints", "customers")),
    "line_socialplus_friends.csv": ("line_socialplus", ("touchpoints", "customers")),
    "mail_log_sent.csv": ("mail_log", ("touchpoints",)),
    "mail_log_haishin.csv": ("mail_log", ("touchpoints",)),
    "mailchimp_subscribed.csv": ("mailchimp", ("customers",)),
    "mailchimp_unsubscribed.csv": ("mailchimp", ("customers",)),
    "ga4_events.csv": ("ga4", ("events",)),
    "retailrocket_events.csv": ("retailrocket", ("events",)),
}


def picked(rows: list[dict[str, Any]], *names: str) -> list[tuple]:
    return [tuple(row[name] for name in names) for row in rows]


def of(*names: str) -> dict[str, bytes]:
    return {name: (FILES / name).read_bytes() for name in names}


@pytest.mark.parametrize(("file", "owner"), OWNERS.items(), ids=list(OWNERS))
def test_every_file_is_recognised_by_its_own_mapping_and_by_no_other(file: str, owner: tuple) -> None:
    rows = read.peek(FILES / file)
    fit = recognise(rows, MAPPINGS)
    assert fit is not None
    assert (fit.name, fit.tables) == owner
    named = {name: each for name, each in MAPPINGS.items() if name != "generic"}  # which takes what no other knows
    assert [name for name, each in named.items() if recognise(rows, {name: each})] == [owner[0]]


FIRST = dt.datetime(2026, 7, 18, 12, 59, 30)
RETURNED = ("returned", "cancelled_or_returned")
YEN = [
    ("SQT01", "CUSTA", FIRST, "LOT-1", "化粧水", 1, 1000, "paid", "accepted"),
    ("SQT01", "CUSTA", FIRST, "洗顔せっけん 通常", "洗顔せっけん", 2, 1800, "paid", "accepted"),
    ("SQT02", None, dt.datetime(2026, 7, 19, 9, 5), "LOT-1", "化粧水", 1, 1200, "paid", "no_customer"),
    ("SQT03", "CUSTA", dt.datetime(2026, 7, 25, 18, 30), "洗顔せっけん 通常", "洗顔せっけん", -1, -900, *RETURNED),
    ("SQT04", "CUSTB", dt.datetime(2026, 8, 1, 10), "4900000000012", "美容液", 1, 12000, "paid", "accepted"),
    ("SQT04", "CUSTB", dt.datetime(2026, 8, 2, 10), "4900000000012", "美容液", -1, -12000, *RETURNED),
]
LINES = ("order_id", "customer_id", "ordered_at", "product_id", "product_name", "quantity", "amount", "status")


@pytest.mark.parametrize(("encoding", "yen"), [("utf-8", "¥"), ("utf-8-sig", "￥"), ("cp932", "\\"), ("cp932", "￥")])
def test_a_square_file_becomes_exact_lines_in_every_encoding(prepare, encoding: str, yen: str) -> None:
    content = of("square_items.csv")["square_items.csv"].decode().replace("¥", yen).encode(encoding)
    found = prepare({"items.csv": content}, UNNAMED)
    assert picked(found.table("lines"), *LINES, "outcome") == YEN
    assert found.account["tables"]["orders"]["files"][0]["encoding"].startswith(encoding[:5])


def test_a_square_refund_takes_from_the_amount_and_not_from_the_count(prepare) -> None:
    found = prepare(of("square_items.csv"), UNNAMED)
    names = ("order_id", "customer_id", "ordered_on", "amount", "is_purchase", "line_count", "channel")
    assert picked(found.table("orders"), *names) == [
        ("SQT01", "CUSTA", dt.date(2026, 7, 18), 2800, True, 2, "見本店"),
        ("SQT03", "CUSTA", dt.date(2026, 7, 25), -900, False, 0, "見本店"),
        ("SQT04", "CUSTB", dt.date(2026, 8, 1), 0, True, 1, "見本店"),
    ]
    assert found.counts() == {"accepted": 3, "cancelled_or_returned": 2, "no_customer": 1}


def test_a_square_file_in_dollars_keeps_its_cents(prepare) -> None:
    names = ["Date", "Time", "Item", "Qty", "Price Point Name", "Net Sales", "Transaction ID", "Customer ID"]
    rows = [
        ["2026-07-18", "12:59:30", "Lotion", "1", "Regular", "$1,045.50", "A1", "C1"],
        ["2026-07-19", "", "Lotion", "1", "Regular", "-$12.96", "A2", "C1"],
        ["2026-07-20", "0:00:00", "Lotion", "1", "Regular", "($3.04)", "A3", "C1"],
    ]
    found = prepare({"items.csv": text([names, *rows])}, UNNAMED)
    assert picked(found.table("orders"), "order_id", "ordered_at", "amount", "is_purchase") == [
        ("A1", dt.datetime(2026, 7, 18, 12, 59, 30), Decimal("1045.5"), True),
        ("A2", dt.datetime(2026, 7, 19), Decimal("-12.96"), False),
        ("A3", dt.datetime(2026, 7, 20), Decimal("-3.04"), False),
    ]


def text(rows: list[list[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue()


def test_one_form_becomes_voices_and_story(prepare) -> None:
    found = prepare(of("google_forms_answers.csv"), UNNAMED)
    hanako, jiro = (found.key(identity.MAIL, f"{name}@example.jp") for name in ("hanako", "jiro"))
    first, second, third = dt.date(2026, 7, 1), dt.date(2026, 7, 2), dt.date(2026, 7, 3)
    names = ("customer_id", "date", "expectation", "evaluation", "comment", "medium", "outcome")
    assert picked(found.table("voices"), *names) == [
        (hanako, first, 4, 5, "香りが好きです", "アンケート", "accepted"),
        ("12", first, 5, 3, None, "アンケート", "accepted"),
        (jiro, second, 3, 3, None, "アンケート", "accepted"),
        (jiro, third, 3, None, None, "アンケート", "rejected"),
        (None, dt.date(2026, 7, 4), 3, 4, None, "アンケート", "no_customer"),
    ]
    names = ("customer_id", "date", "change_score", "emotion", "purpose", "expectation", "note", "outcome")
    assert picked(found.table("story"), *names) == [
        (hanako, first, 3, "良い", "乾燥のため;贈り物", "しっとりすること", "朝が楽です,\n少しですが", "accepted"),
        ("12", first, 0, "普通", None, None, None, "accepted"),
        (jiro, second, 1, "悪い", None, None, None, "accepted"),
        (jiro, third, 2, "うれしい", None, None, None, "rejected"),
        (None, dt.date(2026, 7, 4), 2, "普通", None, None, None, "no_customer"),
    ]


def test_an_answer_that_is_not_understood_is_shown_with_its_question(prepare) -> None:
    found = prepare(of("google_forms_answers.csv"), UNNAMED)
    feeling = "今のお気持ちに、いちばん近いものをお選びください。"
    content = "お使いになって、どのくらい満足していますか。\n5点満点でお答えください。"
    shown = [(each["row"], "".join(each["column"].split()), each["value"], each["reason"]) for each in found.rejected]
    assert shown == [
        (5, feeling, "うれしい", "決められた値ではありません"),
        (5, "".join(content.split()), "とても満足", "数として読めません"),
    ]


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-04-01 00:00:00",
        "2026/04/01 0:00:00",
        "2026/04/01 23:59:59",
        "2026/04/01 12:00:00 午前 GMT+9",
        "2026/04/01 1:02:03 午前 GMT+9",
        "2026/04/01 11:59:59 午後 GMT+9",
        "2026/04/01 11:59:59 PM GMT+9",
        "2026/04/01",
    ],
)
def test_a_form_keeps_its_day_by_whatever_route_its_timestamp_came(prepare, stamp: str) -> None:
    rows = [["タイムスタンプ", "メールアドレス", "期待", "満足"], [stamp, "a@example.jp", "4", "5"]]
    found = prepare({"answers.csv": text(rows)}, UNNAMED)
    assert list(found.account["tables"]) == ["voices"]
    assert picked(found.table("voices"), "date", "outcome") == [(dt.date(2026, 4, 1), "accepted")]


def test_a_form_whose_questions_nobody_wrote_in_says_what_it_lacks(prepare) -> None:
    rows = [["タイムスタンプ", "メールアドレス", "ご満足の度合い", "期待"], ["2026/04/01", "a@example.jp", "4", "5"]]
    found = prepare({"answers.csv": text(rows)} | of("retailrocket_events.csv"), UNNAMED)
    (stranger,) = found.account["strangers"]
    assert stranger["file"] == "data/answers.csv"
    near = "Google フォーム(アンケートの回答)(google_forms): 見出し「満足」がありません"
    assert [reason for reason in stranger["reasons"] if "google_forms" in reason] == [near]


def test_lstep_friends_below_a_title_become_contacts_and_customers(prepare) -> None:
    found = prepare(of("lstep_friends.csv"), UNNAMED)
    taro, minor = found.key(identity.MAIL, "taro@example.jp"), found.key(identity.PHONE, "09000000004")
    jiro = found.key(identity.PERSON, "見本二郎\n09000000003")
    names = ("_row", "customer_id", "at", "channel", "direction", "reaction", "outcome")
    assert picked(found.table("touchpoints"), *names) == [
        (4, "11", dt.datetime(2026, 5, 11, 14, 23, 45), "LINE", "in", None, "accepted"),
        (5, taro, dt.datetime(2026, 5, 12), "LINE", "in", None, "accepted"),
        (6, jiro, dt.datetime(2026, 6, 1, 9, 5, 7), "LINE", "in", None, "accepted"),
        (7, minor, dt.datetime(2026, 6, 2, 10), "LINE", "in", None, "accepted"),
        (8, None, dt.datetime(2026, 6, 3, 10), "LINE", "in", None, "no_customer"),
    ]
    assert picked(found.table("customers"), "customer_id", "line_ok", "email_ok", "registered_at", "outcome") == [
        ("11", True, None, None, "accepted"),
        (taro, False, None, None, "accepted"),
        (jiro, True, None, None, "accepted"),
        (minor, None, None, None, "accepted"),
        (None, True, None, None, "no_customer"),
    ]
    assert found.account["tables"]["touchpoints"]["files"][0]["encoding"] == "cp932"


def test_friends_of_the_line_plus_tools_become_contacts_and_customers(prepare) -> None:
    found = prepare(of("line_socialplus_friends.csv"), UNNAMED)
    second = found.key(identity.MAIL, "b@example.jp")
    third, fourth = (f"U{number:032}" for number in (3, 4))
    assert picked(found.table("touchpoints"), "customer_id", "at", "channel", "direction", "outcome") == [
        ("7001", dt.datetime(2026, 5, 11, 14, 23, 45), "LINE", "in", "accepted"),
        (second, dt.datetime(2026, 5, 12, 8), "LINE", "in", "accepted"),
        (third, None, "LINE", "in", "out_of_scope"),
        (fourth, dt.datetime(2026, 6, 1, 8), "LINE", "in", "accepted"),
    ]
    assert picked(found.table("customers"), "customer_id", "line_ok", "outcome") == [
        ("7001", True, "accepted"),
        (second, False, "accepted"),
        (third, False, "accepted"),
        (fourth, None, "accepted"),
    ]


def test_a_contact_log_tells_the_strongest_reaction(prepare) -> None:
    found = prepare(of("mail_log_sent.csv"), UNNAMED)
    guest, at = found.key(identity.MAIL, "guest@example.jp"), dt.datetime(2026, 7, 1, 10)
    names = ("customer_id", "at", "channel", "direction", "campaign_id", "reaction", "outcome")
    assert picked(found.table("touchpoints"), *names) == [
        ("11", at, "メール", "out", "C-1", "click", "accepted"),
        ("12", at, "メール", "out", "C-1", "open", "accepted"),
        ("13", at, "メール", "out", "C-1", "none", "accepted"),
        ("14", at, "メール", "out", "C-1", "none", "out_of_scope"),
        (guest, at, "LINE", "out", "C-2", "none", "accepted"),
        (None, at, "LINE", "out", "C-2", "none", "no_customer"),
    ]


def test_a_contact_log_may_be_in_japanese_and_count_instead_of_telling_times(prepare) -> None:
    found = prepare(of("mail_log_haishin.csv"), UNNAMED)
    at = dt.datetime(2026, 7, 1, 10)
    names = ("customer_id", "at", "channel", "direction", "campaign_id", "reaction", "outcome")
    assert picked(found.table("touchpoints"), *names) == [
        ("11", at, "メール", "out", "夏のお便り", "open", "accepted"),
        ("12", at, "メール", "out", "夏のお便り", "click", "accepted"),
        ("13", at, "メール", "out", "夏のお便り", "none", "out_of_scope"),
        ("14", at, "メール", "out", "夏のお便り", "none", "accepted"),
    ]


def test_a_contact_log_without_reactions_tells_none_and_claims_none(prepare) -> None:
    rows = [["customer_id", "sent_at", "channel"], ["11", "2026-07-01", "メール"]]
    found = prepare({"log.csv": text(rows)}, UNNAMED)
    assert picked(found.table("touchpoints"), "reaction", "direction", "outcome") == [(None, "out", "accepted")]


def test_a_mailchimp_audience_tells_who_may_be_written_to(prepare) -> None:
    found = prepare(of("mailchimp_subscribed.csv", "mailchimp_unsubscribed.csv"), UNNAMED)
    names = ("hanako", "taro", "jiro", "saburo")
    hanako, taro, jiro, saburo = (found.key(identity.MAIL, f"{name}@example.jp") for name in names)
    assert picked(found.table("customers"), "customer_id", "registered_at", "email_ok", "outcome") == [
        (hanako, dt.datetime(2025, 10, 11, 9, 55, 14), True, "accepted"),
        (taro, dt.datetime(2025, 11, 1), True, "accepted"),
        (jiro, None, None, "accepted"),
        (saburo, dt.datetime(2024, 1, 1, 10), False, "accepted"),
    ]


EVENTS = ("at", "event", "customer_id", "visitor_id", "session_id", "page", "product_id", "source", "referrer")
MIDNIGHT = dt.datetime(2026, 7, 1)
HOME, LOTION, DONE = (f"https://example.jp/{page}" for page in ("", "lot", "ok"))


def later(seconds: float) -> dt.datetime:
    return MIDNIGHT + dt.timedelta(seconds=seconds)


def test_flat_rows_of_ga4_become_exact_events(prepare) -> None:
    found = prepare(of("ga4_events.csv"), UNNAMED)
    visit = "v1.1 1782831600"
    rows = found.table("events")
    assert picked([row for row in rows if row["outcome"] == "accepted"], *EVENTS) == [
        (MIDNIGHT, "visit", None, "v1.1", visit, HOME, None, "google", "https://example.jp/ad"),
        (later(0.000001), "view", None, "v1.1", visit, HOME, None, "google", None),
        (later(60.5), "view", "11", "v1.1", visit, LOTION, "LOT-1", "google", None),
        (later(100), "cart", "11", "v1.1", visit, LOTION, "LOT-1", None, None),
        (later(200), "purchase", "11", "v1.1", visit, DONE, "LOT-1", None, None),
        (later(230), "view", None, "v2.2", "v2.2", HOME, None, None, None),
    ]
    assert found.counts("events") == {"accepted": 6, "out_of_scope": 3}


KNOWN = ("view_item", "page_view", "add_to_cart", "purchase", "session_start")
OTHERS = [word[:-1] for word in KNOWN] + [word + "s" for word in KNOWN] + [word.upper() for word in KNOWN]
OTHERS += ["scroll", "click", "add_to_wishlist", "page_views_2", "purchase_refund", "session_end", "view_cart", "購入"]
OTHERS += [word.replace("_", "-") for word in KNOWN if "_" in word] + ["x" + word for word in KNOWN] + list("apsv_")


def test_every_other_name_of_an_event_is_out_of_scope(prepare) -> None:
    names = [*KNOWN, *OTHERS]
    rows = [[str(20260701), str(1782831600000000 + place), name, "v"] for place, name in enumerate(names)]
    header = ["event_date", "event_timestamp", "event_name", "user_pseudo_id"]
    found = prepare({"events.csv": text([header, *rows])}, UNNAMED)
    told = picked(found.table("events"), "event", "outcome")
    assert told[:5] == [(event, "accepted") for event in ("view", "view", "cart", "purchase", "visit")]
    assert set(told[5:]) == {(None, "out_of_scope")}
    assert len(told) == 5 + len(OTHERS)


def ga4(path: Path, rows: list[dict[str, Any]], *, rows_a_group: int = 2) -> bytes:
    """Write rows of GA4 as its warehouse does: parameters and items in lists of structs."""
    value = pa.struct([("string_value", pa.string()), ("int_value", pa.int64()), ("double_value", pa.float64())])
    parameters = pa.list_(pa.struct([("key", pa.string()), ("value", value)]))
    schema = pa.schema(
        {
            "event_date": pa.string(),
            "event_timestamp": pa.int64(),
            "event_name": pa.string(),
            "event_params": parameters,
            "user_id": pa.string(),
            "user_pseudo_id": pa.string(),
            "device": pa.struct([("category", pa.string())]),
            "traffic_source": pa.struct([("name", pa.string()), ("source", pa.string())]),
            "items": pa.list_(pa.struct([("item_id", pa.string()), ("item_params", parameters)])),
        }
    )
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, row_group_size=rows_a_group)
    return path.read_bytes()


def event(seconds: int, name: str, items: tuple[str, ...] = (), user: str | None = None, **parameters: Any) -> dict:
    def value(told: Any) -> dict[str, Any]:
        return {"int_value": told} if isinstance(told, int) else {"string_value": told}

    return {
        "event_date": "20260701",
        "event_timestamp": 1_782_831_600_000_000 + seconds * 1_000_000,
        "event_name": name,
        "event_params": [{"key": key, "value": value(told)} for key, told in parameters.items()] or None,
        "user_id": user,
        "user_pseudo_id": "v1.1",
        "device": {"category": "mobile"},
        "traffic_source": {"source": "line"},
        "items": [{"item_id": item} for item in items],
    }


def test_nested_rows_of_ga4_become_the_same_events(prepare, tmp_path: Path) -> None:
    rows = [
        event(0, "session_start", ga_session_id=77),
        event(1, "scroll", ga_session_id=77),
        event(2, "view_item", ("LOT-1", "SOAP-1"), ga_session_id=77, page_location=LOTION),
        event(3, "purchase", ("SOAP-1",), "11", ga_session_id=77, page_location=DONE, source="mail"),
        event(4, "page_view", page_referrer=HOME),
    ]
    found = prepare({"events_20260701.parquet": ga4(tmp_path / "a.parquet", rows)}, UNNAMED)
    accepted = [row for row in found.table("events") if row["outcome"] == "accepted"]
    assert picked(accepted, *EVENTS) == [
        (later(0), "visit", None, "v1.1", "v1.1 77", None, None, "line", None),
        (later(2), "view", None, "v1.1", "v1.1 77", LOTION, "LOT-1", "line", None),
        (later(3), "purchase", "11", "v1.1", "v1.1 77", DONE, "SOAP-1", "mail", None),
        (later(4), "view", None, "v1.1", "v1.1", None, None, "line", HOME),
    ]
    assert found.counts("events") == {"accepted": 4, "out_of_scope": 1}


def test_a_log_of_retailrocket_becomes_exact_events(prepare) -> None:
    found = prepare(of("retailrocket_events.csv"), UNNAMED)
    assert picked(found.table("events"), *EVENTS, "outcome") == [
        (MIDNIGHT, "view", None, "257", None, None, "355", None, None, "accepted"),
        (later(60.5), "cart", None, "257", None, None, "355", None, None, "accepted"),
        (later(100), "purchase", None, "257", None, None, "355", None, None, "accepted"),
    ]

"""One row per customer of whole shops: what the chapters know of them, and nobody is known by the codes."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from horetsu_utils import client as clients
from horetsu_utils import matched, people, selling, standing, workbook
from horetsu_utils.errors import MissingDataError
from horetsu_utils.metrics import value
from horetsu_utils.outlook import Outlook
from horetsu_utils.people import Known
from horetsu_utils.people_settings import AHEAD, BOUGHT, COLUMNS, FITS, MANNERS, STANDS
from horetsu_utils.sentences import matching as matching_words
from horetsu_utils.shop import Shop

GENERIC = "  orders: [{files: data/orders.csv, mapping: generic}]"
STORY = "  story: [{files: data/story.csv, mapping: generic}]"
NASTY = ("=cmd|' /C calc'!A0", "<script>alert(1)</script>", "🧴 化粧水")


@pytest.fixture(scope="module")
def known(demo_client: Path) -> Known:
    return people.known(Shop.open(demo_client, as_of=""))


@pytest.fixture(scope="module")
def told(known: Known) -> people.People:
    return people.told(known)


@pytest.fixture(scope="module")
def frame(told: people.People) -> pd.DataFrame:
    return told.frame


@pytest.fixture
def nasty_shop(make_client) -> Shop:
    """Return a shop whose products, bought every thirty days, are due again, and bear names that want to run."""
    rows = ["注文番号,顧客番号,注文日時,金額,商品名"]
    for person in range(90):
        for time in range(4):
            day = dt.date(2026, 1, 1) + dt.timedelta(days=person % 7 + 30 * time)
            rows.append(f'{len(rows)},C{person:04},{day},1000,"{NASTY[person % 3]}"')
    return Shop.open(make_client({"orders.csv": "\n".join(rows)}, GENERIC), as_of="2026-05-03")


def test_everybody_on_record_has_one_row_in_the_order_of_the_numbers(known: Known, frame: pd.DataFrame) -> None:
    assert tuple(frame.columns) == COLUMNS
    assert frame["customer_id"].tolist() == sorted(known.where.stages.customer_id.to_pandas())
    assert frame["customer_id"].is_unique
    assert len(frame) == 3000
    assert set(known.segments.customer_id.to_pandas()) <= set(frame["customer_id"])


def test_days_are_dates_and_figures_are_numbers(frame: pd.DataFrame) -> None:
    kinds = frame.dtypes.astype(str)
    assert {kinds[column] for column in ("first_on", "last_on", "since_on", "cooled_on")} == {"datetime64[s]"}
    assert {kinds[column] for column in people.COUNTS} | {kinds["stage"]} == {"Int64"}
    assert {kinds[column] for column in ("monetary_yen", "confidence", *AHEAD)} == {"float64"}
    assert kinds["cooling"] == "boolean"


def test_what_they_bought_is_what_the_first_chapter_says(known: Known, frame: pd.DataFrame) -> None:
    stated = value.state(known.segments, rules=known.shop.rules.state).to_pandas().set_index("customer_id").sort_index()
    bought = frame.dropna(subset="first_on").set_index("customer_id")
    same = ["last_on", "recency_days", "frequency", "monetary_yen", "recency_score"]
    pd.testing.assert_frame_equal(bought[same], stated[same], check_dtype=False)
    names = known.shop.rules.segment_names
    assert bought["segment"].tolist() == [names[code] for code in stated["segment"]]
    japanese = {"new": "新規", "repeat": "リピート", "fan": "ファン", "dormant": "休眠"}
    assert bought["state"].tolist() == [japanese[code] for code in stated["state"]]
    assert frame.loc[frame["first_on"].isna(), [*BOUGHT, *FITS]].isna().all(axis=None)
    assert frame["first_on"].isna().sum() == 149


def test_where_they_stand_is_what_the_second_chapter_says(known: Known, frame: pd.DataFrame) -> None:
    stages = known.where.stages.to_pandas().set_index("customer_id").loc[frame["customer_id"]].reset_index()
    for column in ("stage", "since_on", "cooling", "cooled_on", "confidence"):
        pd.testing.assert_series_equal(frame[column], stages[column], check_dtype=False)
    assert set(frame["stage_name"][frame["stage"] == 2]) == {"共感"}
    higher = stages["provisional_stage"] > stages["stage"]
    assert higher.any()
    assert (frame["provisional_stage"].notna() == higher).all()
    assert set(frame["provisional_stage"].dropna()) <= {"1 着地", "2 共感", "3 関与", "4 循環"}
    assert frame["evidence"].str.match(r"\d{4}-\d\d-\d\d ").all()
    assert set(frame["cell"].dropna()) == {"数字は良いが、つながりが薄い方", "買う額は少ないが、支えてくださる方"}


def test_how_to_behave_goes_by_the_stage(known: Known, frame: pd.DataFrame) -> None:
    guard = known.shop.client.guard()
    for stage in known.where.rules.stages:
        rows = frame[frame["stage"] == stage.stage]
        assert set(rows["stance"]) == {stage.stance}
        assert set(rows["welcome_action"]) == {stage.welcome_action}
        (words,) = set(rows["prohibited"])
        assert words.split("、") == [rule.name for rule in guard.prohibitions if rule.stage == stage.stage]


def test_what_fits_is_what_the_seventh_chapter_says(known: Known, frame: pd.DataFrame) -> None:
    assert known.fits is not None
    chosen = known.fits.chosen.to_pandas()
    mine = frame.set_index("customer_id")
    for place in (1, 2, 3):
        theirs = chosen[chosen["place"] == place].set_index("customer_id")
        named = mine[f"product_{place}"].dropna()
        assert named.to_dict() == theirs["product"].to_dict()
        reasons = {person: matching_words.reason(row) for person, row in theirs.to_dict("index").items()}
        assert mine[f"reason_{place}"].dropna().to_dict() == reasons
    silent = frame["cooling"] | (frame["stage"] == 0)
    assert silent.any()
    assert frame.loc[silent, [*FITS]].isna().all(axis=None)


def test_no_orders_are_expected_where_the_model_did_not_hold(told: people.People) -> None:
    assert told.frame[[*AHEAD]].isna().all(axis=None)
    assert "前の90日で試したところ、実際との差が大きかったため、これから1年の見込みは控えます。" in told.note


def test_orders_expected_stand_beside_their_customers_where_the_model_held(known: Known) -> None:
    assert known.ahead is not None
    ids = ["1003", "1001"]
    expected = pd.DataFrame({"customer_id": ids, "frequency": [7, 1], "orders": [3.456, 0.001], "yen": [9876.5, 4.4]})
    good = replace(known.ahead.trial, verdict="good", actual=100.0, expected=95.0)
    held = people.told(replace(known, ahead=Outlook(good, expected, expected, has_yen=True)))
    rows = held.frame.set_index("customer_id")[[*AHEAD]].dropna()
    assert rows.to_dict("index") == {
        "1001": {"expected_orders": 0.0, "expected_yen": 4.0},
        "1003": {"expected_orders": 3.46, "expected_yen": 9876.0},
    }
    assert "見込みは、これから365日間のものです。前の90日で試すと、実際100回に対して見込み95回でした" in held.note
    no_yen = people.listed(replace(known, ahead=Outlook(good, expected.drop(columns="yen"), expected, has_yen=False)))
    assert no_yen["expected_orders"].notna().sum() == 2
    assert no_yen["expected_yen"].isna().all()


def test_a_long_list_is_cut_and_says_so(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 100)
    cut = people.told(known)
    assert cut.frame["customer_id"].tolist() == [str(number) for number in range(1001, 1101)]
    assert "お客様が3,000人いらっしゃるため、顧客番号の順に、はじめの100人を載せています。" in cut.note
    assert cut.frame["evidence"].notna().all()
    monkeypatch.setattr(workbook, "MOST_ROWS", 3000)
    assert "いらっしゃるため" not in people.told(known).note, "a list that just fits is whole"


def test_the_consultants_note_says_who_may_see_it_and_how_the_products_held(told: people.People) -> None:
    assert told.note.startswith(people.INSIDE)
    assert "注文回数と購入金額は、2026年6月30日までの365日間のものです。" in told.note
    assert told.note.endswith("売れ筋の3つのほうが、その後に多くの方に買われています(40.8%と48.9%)。")
    assert not told.proven


def test_the_clients_edition_has_codes_in_their_own_order_and_no_unproven_product(told: people.People) -> None:
    sent = people.for_client(told, b"k" * 32)
    assert sent.frame["customer_id"].str.fullmatch("C-[A-Z2-7]{10}").all()
    assert sent.frame["customer_id"].is_monotonic_increasing
    assert sent.frame["customer_id"].is_unique
    assert not set(sent.frame.columns) & {*FITS}
    assert sent.note.startswith(people.MASKED)
    assert people.INSIDE not in sent.note
    assert sent.note.endswith(matching_words.NOT_NAMED)
    assert "売れ筋" not in sent.note
    assert sent.frame["monetary_yen"].sum() == told.frame["monetary_yen"].sum()


def test_proven_products_are_in_the_clients_edition_too(told: people.People) -> None:
    sent = people.for_client(replace(told, proven=True), b"k" * 32)
    assert tuple(sent.frame.columns) == COLUMNS
    assert sent.frame["product_1"].notna().sum() == told.frame["product_1"].notna().sum() > 0


def test_codes_are_the_same_on_a_second_run_and_others_in_another_shop(make_client) -> None:
    text = "注文番号,顧客番号,注文日時,金額\n1,A,2026-06-01,100\n2,B,2026-06-02,100\n"
    folder = make_client({"orders.csv": text}, GENERIC)
    other = make_client({"orders.csv": text}, GENERIC, name="other")

    def codes(folder: Path) -> list[str]:
        shop = Shop.open(folder, as_of="")
        return list(
            people.for_client(people.told(people.known(shop)), clients.secret(shop.client)).frame["customer_id"]
        )

    assert codes(folder) == codes(folder)
    (folder / "data" / "later.csv").write_text(text.replace("2,B", "3,C"), encoding="utf-8")
    (folder / "client.yaml").write_text(
        (folder / "client.yaml").read_text(encoding="utf-8").replace("data/orders.csv", "data/*.csv"), encoding="utf-8"
    )
    assert set(codes(other)).isdisjoint(codes(folder))
    assert len(codes(folder)) == 3


def test_a_shop_with_one_order(make_client) -> None:
    text = "注文番号,顧客番号,注文日時,金額,商品名\n1,A,2026-06-01,100,石けん\n"
    told = people.told(people.known(Shop.open(make_client({"orders.csv": text}, GENERIC), as_of="")))
    row = told.frame.iloc[0]
    assert tuple(told.frame.columns) == COLUMNS
    assert (row["customer_id"], row["frequency"], row["monetary_yen"], row["state"]) == ("A", 1, 100.0, "新規")
    assert (row["first_on"], row["last_on"], row["recency_days"]) == (*[pd.Timestamp("2026-06-01")] * 2, 0)
    assert (row["stage"], row["stage_name"], row["evidence"]) == (0, "観測", "2026-06-01 はじめてのご注文(観測に)")
    assert told.frame[[*FITS, *AHEAD]].isna().all(axis=None)
    assert told.note.endswith(matching_words.NOBODY)
    assert people.for_client(told, b"k").note.endswith(matching_words.NOBODY)


def test_a_shop_without_product_names_names_no_products(make_client) -> None:
    text = "注文番号,顧客番号,注文日時,金額\n1,A,2026-06-01,100\n2,A,2026-06-09,100\n"
    frame = people.people(Shop.open(make_client({"orders.csv": text}, GENERIC), as_of=""))
    assert frame[[*FITS]].isna().all(axis=None)
    assert frame["frequency"].tolist() == [2]


def test_a_shop_with_nothing_but_its_story_tells_how_they_stand(make_client) -> None:
    text = (
        "顧客番号,日付,変化点数,気持ち,目的,期待,メモ,担当者\n"
        "C0001,2026-04-08,3,良い,乾燥が気になって,朝まで潤っていたい,香りが好きとのお話,佐々木\n"
        "C0002,2026-04-09,0,悪い,,,=HYPERLINK(0),佐々木\n"
    )
    told = people.told(people.known(Shop.open(make_client({"story.csv": text}, STORY), as_of="")))
    assert tuple(told.frame.columns) == ("customer_id", *STANDS, *MANNERS)
    assert told.frame["customer_id"].tolist() == ["C0001", "C0002"]
    assert told.frame["stage"].notna().all()
    assert told.frame["stance"].notna().all()
    assert told.note == people.INSIDE
    assert people.for_client(told, b"k").note == people.MASKED


def test_no_word_that_a_customer_or_the_staff_wrote_is_in_the_list(make_client) -> None:
    orders = "注文番号,顧客番号,注文日時,金額,商品名\n" + "".join(
        f"{number},C{number % 40:04},2026-0{1 + number // 40}-11,1000,石けん\n" for number in range(160)
    )
    secret = ("ヒミツノ目的", "ヒミツノ期待", "ヒミツノメモ", "ヒミツノ担当", "ヒミツノ声")
    story = "顧客番号,日付,変化点数,気持ち,目的,期待,メモ,担当者\n" + "".join(
        f"C{number:04},2026-04-{8 + number % 20:02},3,良い,{','.join(secret[:4])}\n" for number in range(40)
    )
    voices = "顧客番号,日付,旅の段階,期待,評価,コメント\n" + "".join(
        f"C{number:04},2026-04-20,使用,3,5,{secret[4]}\n" for number in range(40)
    )
    tables = f"{GENERIC}\n{STORY}\n  voices: [{{files: data/voices.csv, mapping: generic}}]"
    shop = Shop.open(make_client({"orders.csv": orders, "story.csv": story, "voices.csv": voices}, tables), as_of="")
    assert shop.table("voices").comment.to_pandas().str.contains(secret[4]).all(), "it was read"
    assert shop.table("story").note.to_pandas().eq(secret[2]).all()
    told = people.told(people.known(shop))
    for edition in (told, people.for_client(told, b"k")):
        assert "ヒミツ" not in edition.frame.to_csv() + edition.note
    assert len(told.frame) == 40


def test_no_true_number_is_in_the_clients_edition(make_client) -> None:
    text = "注文番号,顧客番号,注文日時,金額,商品名\n" + "".join(
        f"{number},QQ{number % 50:04},2026-0{1 + number // 50}-11,1000,石けん\n" for number in range(200)
    )
    told = people.told(people.known(Shop.open(make_client({"orders.csv": text}, GENERIC), as_of="")))
    assert "QQ0007" in told.frame.to_csv()
    sent = people.for_client(replace(told, proven=True), b"k")
    assert not re.search("QQ[0-9]{4}", sent.frame.to_csv() + sent.note)


def test_hostile_names_of_products_stay_what_they_are(nasty_shop: Shop) -> None:
    named = people.people(nasty_shop)["product_1"].dropna()
    assert set(named) == {*NASTY}


def test_where_nobody_has_bought_there_are_no_columns_of_orders(make_client) -> None:
    orders = "注文番号,顧客番号,注文日時,金額,商品名\n1,A,2026-06-01,-100,石けん\n"
    story = "顧客番号,日付,変化点数,気持ち,目的,期待,メモ,担当者\nA,2026-04-08,3,良い,,,,\n"
    folder = make_client({"orders.csv": orders, "story.csv": story}, f"{GENERIC}\n{STORY}")
    shop = Shop.open(folder, as_of="2026-06-30")
    assert shop.orders.amount.to_pandas().tolist() == [-100], "a credit note is all there is"
    frame = people.people(shop)
    assert not set(frame.columns) & {*BOUGHT, *AHEAD, *FITS}
    assert frame["customer_id"].tolist() == ["A"]


def test_a_shop_that_knows_nobody_is_told_what_to_begin(make_client) -> None:
    text = "日付,場所,天気,気温\n2026-06-01,東京,晴れ,25\n"
    folder = make_client({"context.csv": text}, "  context: [{files: data/context.csv, mapping: generic}]")
    shop = Shop.open(folder, as_of="2026-06-01")
    with pytest.raises(MissingDataError, match="お客様との関係を知る手がかりになる記録が、まだありません"):
        people.people(shop)


def test_what_the_report_has_computed_is_taken_over(known: Known) -> None:
    """The caller may hand over what it has: the list is the same."""
    shop = known.shop
    fits = matched.matched(selling.selling(shop))
    own = Known(standing.standing(shop), standing.segmented(shop), fits, known.ahead)
    pd.testing.assert_frame_equal(people.listed(own), people.listed(known))


def test_a_real_shop_of_four_thousand_customers(uci_client: Path) -> None:
    shop = Shop.open(uci_client, as_of="")
    frame = people.people(shop)
    assert len(frame) == 4335
    assert frame["customer_id"].is_monotonic_increasing
    assert frame["monetary_yen"].sum() == pytest.approx(
        standing.segmented(shop).monetary_yen.sum().to_pandas(), abs=len(frame) * 0.005
    )
    assert set(frame["stage"]) == {0, 1}, "orders alone prove no more"

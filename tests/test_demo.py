"""The demo shop: same seed, same bytes; exports of the right shape; every planted truth found again in the tables."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from horetsu_utils.canon import TABLES
from horetsu_utils.demo import Demo, build, write
from horetsu_utils.words import COLUMNS

ORDER_HEADER = (
    "注文ID,注文番号,会員ID,お名前(姓),お名前(名),お名前(セイ),お名前(メイ),会社名,郵便番号,都道府県(ID),"
    "都道府県(名称),住所1,住所2,メールアドレス,TEL,性別(ID),性別(名称),職業(ID),職業(名称),誕生日,ショップ用メモ欄,"
    "小計,値引き,送料,税金,合計,支払合計,対応状況(ID),対応状況(名称),支払方法(ID),支払方法(名称),受注日,入金日,"
    "注文詳細ID,商品ID,商品規格ID,商品名,商品コード,規格名1,規格名2,規格分類名1,規格分類名2,価格,個数,税率,"
    "税率ルール(ID),明細区分(ID),明細区分(名称),出荷ID,配送先_お名前(姓),配送先_お名前(名),配送先_お名前(セイ),"
    "配送先_お名前(メイ),配送先_会社名,配送先_郵便番号,配送先_都道府県(ID),配送先_都道府県(名称),配送先_住所1,"
    "配送先_住所2,配送先_TEL,配送業者(ID),配送業者(名称),お届け時間ID,お届け時間(名称),お届け希望日,送料,発送日,"
    "出荷伝票番号,配達用メモ,出荷メール送信日"
)
CUSTOMER_HEADER = (
    "会員ID,お名前(姓),お名前(名),お名前(セイ),お名前(メイ),会社名,郵便番号,都道府県(ID),都道府県(名称),住所1,住所2,"
    "メールアドレス,TEL,性別(ID),性別(名称),職業(ID),職業(名称),誕生日,初回購入日,最終購入日,購入回数,"
    "ショップ用メモ欄,会員ステータス(ID),会員ステータス(名称),登録日,更新日,ポイント"
)
AS_OF = pd.Timestamp("2026-06-30")
PLANS = ("scenario", "campaigns")


@pytest.fixture(scope="module")
def demo() -> Demo:
    return build()


@pytest.fixture(scope="module")
def folder(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("client"), demo)


@pytest.fixture(scope="module")
def export(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "data/order_20260701.csv", encoding="cp932", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def orders(demo: Demo) -> pd.DataFrame:
    """One row per paid order: customer_id, order_id, day, yen, discounted, number, first_on."""
    lines = demo.tables["orders"].query("status == 'paid'")
    lines = lines.assign(day=lines["ordered_at"].dt.normalize(), discounted=lines["amount"] < 0)
    table = lines.groupby(["customer_id", "day", "order_id"], as_index=False).agg(
        yen=("amount", "sum"), discounted=("discounted", "any")
    )
    table["number"] = table.groupby("customer_id").cumcount() + 1
    return table.assign(first_on=table.groupby("customer_id")["day"].transform("min"))


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _products(demo: Demo) -> pd.DataFrame:
    lines = demo.tables["orders"]
    return lines[(lines["status"] == "paid") & lines["product_id"].notna()]


def _f2_days(orders: pd.DataFrame) -> pd.DataFrame:
    """Days to the second order, or to `as_of` where there is none."""
    first = orders[orders["number"] == 1].set_index("customer_id")["day"]
    second = orders[orders["number"] == 2].set_index("customer_id")["day"].reindex(first.index)
    return pd.DataFrame({"days": (second.fillna(AS_OF) - first).dt.days, "returned": second.notna(), "first": first})


def _story(demo: Demo) -> pd.DataFrame:
    story = demo.tables["story"]
    return story.assign(date=pd.to_datetime(story["date"])).sort_values(["customer_id", "date"])


# --- files


def test_same_seed_writes_the_same_bytes_and_another_seed_does_not(folder: Path, tmp_path: Path) -> None:
    assert _bytes(folder) == _bytes(write(tmp_path / "again"))
    other = _bytes(write(tmp_path / "other", build(seed=7)))
    changed = {name for name in other if other[name] != _bytes(folder)[name]}
    exports = {"order_20260701", "customer_20260701", "story", "touchpoints", "voices", "events", "context"}
    assert changed == {f"data/{name}.csv" for name in exports}


def test_eccube_files_have_the_exact_header_and_decode_as_cp932(folder: Path) -> None:
    for name, header, width in (("order", ORDER_HEADER, 70), ("customer", CUSTOMER_HEADER, 27)):
        content = (folder / f"data/{name}_20260701.csv").read_bytes()
        assert b"\r" not in content
        assert content.decode("cp932").split("\n")[0] == header
        assert len(header.split(",")) == width


def test_folder_holds_nothing_half_written_and_yaml_names_every_table(folder: Path) -> None:
    assert not list(folder.rglob("*.part"))
    client = yaml.safe_load((folder / "client.yaml").read_text(encoding="utf-8"))
    assert set(client) == {"name", "time_zone", "currency", "tax", "dormant_days", "tables"}
    assert set(client["tables"]) == set(TABLES)
    for feeds in client["tables"].values():
        assert all(len(list(folder.glob(feed["files"]))) == 1 for feed in feeds)


@pytest.mark.parametrize("name", [name for name in TABLES if name not in ("orders", "customers")])
def test_japanese_files_keep_the_table(demo: Demo, folder: Path, name: str) -> None:
    path = folder / f"data/{name}.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(path, encoding="utf-8-sig")
    assert list(read.columns) == [COLUMNS[column].japanese for column in TABLES[name].names]
    assert len(read) == len(demo.tables[name])


def test_eccube_orders_lead_back_to_the_canonical_lines(demo: Demo, export: pd.DataFrame) -> None:
    rows = export.drop_duplicates()
    rows = rows[rows["明細区分(ID)"].isin(["1", "4"]) & ~rows["対応状況(ID)"].isin(["7", "8"])]
    guest = rows["会員ID"] == ""
    found = pd.DataFrame(
        {
            "order_id": rows["注文番号"],
            "customer_id": rows["会員ID"].mask(guest, rows["メールアドレス"]),
            "amount": rows["価格"].astype(int) * rows["個数"].astype(int),
            "product_id": rows["商品コード"],
            "status": rows["対応状況(ID)"].map({"5": "paid", "3": "cancelled", "9": "returned"}),
            "ordered_at": rows["受注日"],
        }
    )
    planted = demo.tables["orders"].assign(ordered_at=lambda table: table["ordered_at"].astype(str).str[:19])
    planted = planted[list(found.columns)].fillna({"product_id": ""})
    keys = ["order_id", "product_id"]
    found, planted = (table.sort_values(keys).reset_index(drop=True).astype(str) for table in (found, planted))
    pd.testing.assert_frame_equal(found, planted, check_dtype=False)


def test_eccube_money_adds_up_and_dirt_is_there(export: pd.DataFrame) -> None:
    assert 5 <= export.duplicated().sum() <= 60
    assert {"1", "2", "3", "4", "6"} == set(export["明細区分(ID)"])
    assert {"3", "5", "7", "8", "9"} == set(export["対応状況(ID)"])
    assert (export["会員ID"] == "").any()
    rows = export.drop_duplicates()
    numbers = rows[["価格", "個数", "税率", "明細区分(ID)", "小計", "値引き", "送料", "合計", "支払合計"]].astype(int)
    outside = numbers["明細区分(ID)"].isin([1, 4])
    whole = numbers["価格"] * numbers["個数"]
    tax = np.trunc(np.where(outside, whole * numbers["税率"] / 100, 0))
    total = (whole + tax).groupby(rows["注文ID"]).transform("sum")
    assert (total == numbers["合計"]).all() and (numbers["合計"] == numbers["支払合計"]).all()
    assert (numbers.loc[numbers["明細区分(ID)"].isin([4, 6]), "価格"] < 0).all() and (numbers["値引き"] >= 0).all()
    assert rows["メールアドレス"].str.endswith("@example.com").all() and (rows["TEL"] == "00-0000-0000").all()


# --- tables


@pytest.mark.parametrize("name", list(TABLES))
def test_tables_keep_their_schema(demo: Demo, name: str) -> None:
    table, schema = demo.tables[name], TABLES[name]
    assert tuple(table.columns) == schema.names and len(table) >= 8
    assert table[list(schema.required)].notna().all().all()
    for column in schema.columns:
        filled = table[column.name].dropna()
        assert not column.choices or filled.isin(column.choices).all(), column.name
        assert column.minimum is None or (filled >= column.minimum).all(), column.name
        assert column.maximum is None or (filled <= column.maximum).all(), column.name
    for group in schema.one_of:
        assert table[list(group)].notna().any(axis=1).all()


def test_nothing_but_plans_lies_after_as_of(demo: Demo) -> None:
    for name, table in demo.tables.items():
        for column in {"ordered_at", "registered_at", "date", "at"} & set(table.columns):
            latest = pd.to_datetime(table[column]).max().normalize()
            assert (latest > AS_OF) == (name in PLANS), (name, column)


# --- truths of purchase


def test_pace_and_share_of_single_buyers(orders: pd.DataFrame) -> None:
    assert 7 <= len(orders) / 730 <= 9.5
    assert 0.45 <= (orders.groupby("customer_id").size() == 1).mean() <= 0.55
    assert orders["yen"].median() >= 3000 and orders["yen"].quantile(0.95) <= 15_000 and orders["yen"].min() >= 2_500


def test_second_orders_collapse_between_day_31_and_60(demo: Demo, orders: pd.DataFrame) -> None:
    f2 = _f2_days(orders)
    hazard = {}
    for low, high in ((8, 30), (31, 60), (61, 90)):
        exposure = (f2["days"].clip(upper=high) - (low - 1)).clip(lower=0).sum()
        hazard[low] = (f2["returned"] & f2["days"].between(low, high)).sum() / exposure
        assert hazard[low] == pytest.approx(demo.truths.f2_daily_hazard[low, high], rel=0.25)
    assert hazard[31] < 0.3 * hazard[61] and hazard[61] < hazard[8]
    mature = f2[(AS_OF - f2["first"]).dt.days >= 90]
    assert 0.38 <= (mature["returned"] & (mature["days"] <= 90)).mean() <= 0.45


def test_star_product_brings_customers_back(demo: Demo, orders: pd.DataFrame) -> None:
    f2 = _f2_days(orders)
    firsts = orders[orders["number"] == 1][["customer_id", "order_id"]].merge(_products(demo), on="order_id")
    lead = firsts.groupby("product_id")["customer_id_x"].agg(set)
    mature = f2[(AS_OF - f2["first"]).dt.days >= 90]
    ratio = pd.Series(
        {
            item: (mature["returned"] & (mature["days"] <= 90))[mature.index.isin(who)].mean()
            for item, who in lead.items()
        }
    ).sort_values(ascending=False)
    assert ratio.index[0] == demo.truths.star_first_product
    assert ratio.iloc[0] > ratio.iloc[1] + 0.05


def test_pair_is_bought_together_and_flow_follows(demo: Demo, orders: pd.DataFrame) -> None:
    has = pd.crosstab(_products(demo)["order_id"], _products(demo)["product_id"]).gt(0).astype(float)
    lift = (has.T @ has) / len(has) / np.outer(has.mean(), has.mean())
    values = lift.to_numpy().copy()
    np.fill_diagonal(values, 0)
    top = np.unravel_index(values.argmax(), values.shape)
    assert {lift.index[place] for place in top} == set(demo.truths.pair) and values.max() > 3
    lead, follower = demo.truths.flow
    path = orders.merge(has, left_on="order_id", right_index=True).sort_values(["customer_id", "day", "number"])
    gap = path.groupby("customer_id")["day"].diff().dt.days
    after = (path.groupby("customer_id")[lead].shift() == 1) & (gap <= demo.truths.flow_days)
    assert path.loc[after, follower].mean() > 3 * path.loc[~after, follower].mean()


def test_replenished_product_has_a_thirty_day_rhythm(demo: Demo) -> None:
    lines = _products(demo).query("product_id == @demo.truths.replenished_product").sort_values("ordered_at")
    gap = lines.groupby("customer_id")["ordered_at"].diff().dt.days.dropna()
    assert gap.median() == pytest.approx(demo.truths.replenish_days, abs=3)
    assert gap.between(25, 35).mean() > 0.5


def test_discount_share_speaks_against_answer_eight(demo: Demo, orders: pd.DataFrame) -> None:
    assert demo.truths.discount_ratio == 0.40
    assert orders["discounted"].mean() == pytest.approx(0.40, abs=0.03)
    answers = demo.tables["answers"].set_index("question")["answer"]
    assert answers["Q3"] == answers["Q8"] == "A" and (answers == "A").sum() <= 6 and len(answers) == 10
    assert "Q8" in demo.truths.contradicted_questions


def test_groups_show_in_recency_frequency_and_growth(demo: Demo, orders: pd.DataFrame) -> None:
    groups = {name: orders[orders["customer_id"].isin(who)] for name, who in demo.truths.groups.items()}
    assert len(demo.truths.groups["champion"]) / 3000 == pytest.approx(0.06, abs=0.005)
    assert groups["champion"].groupby("customer_id").size().mean() > 2 * orders.groupby("customer_id").size().mean()
    assert ((AS_OF - groups["lapsed"].groupby("customer_id")["day"].max()).dt.days > 180).all()
    half = pd.Timedelta(days=180)
    growth = {
        name: table.loc[table["day"] > AS_OF - half, "yen"].sum()
        / table.loc[table["day"].between(AS_OF - 2 * half, AS_OF - half), "yen"].sum()
        for name, table in groups.items()
    }
    assert growth["growing"] > 1.8 and growth["champion"] < 1.4


def test_warm_product_follows_the_temperature(demo: Demo) -> None:
    lines = _products(demo).assign(month=lambda table: table["ordered_at"].dt.to_period("M"))
    sold = pd.crosstab(lines["month"], lines["product_id"], normalize="index")
    context = demo.tables["context"]
    warmth = context.groupby(pd.to_datetime(context["date"]).dt.to_period("M"))["temperature"].mean()
    correlation = sold.corrwith(warmth.reindex(sold.index))
    assert correlation.idxmax() == demo.truths.warm_product and correlation.max() > 0.8


# --- truths of contact, voice and story


def test_steps_reach_as_planted_and_nobody_is_contacted_in_the_hole(demo: Demo, orders: pd.DataFrame) -> None:
    first = orders.drop_duplicates("customer_id").set_index("customer_id")["day"]
    touched = demo.tables["touchpoints"].assign(first=lambda table: table["customer_id"].map(first))
    since = (touched["at"].dt.normalize() - touched["first"]).dt.days
    for step in demo.tables["scenario"].itertuples():
        mature = first.index[(AS_OF - first).dt.days >= step.day_to]
        got = touched[(touched["step_id"] == step.step_id) & since.between(step.day_from, step.day_to)]
        reach = pd.Index(got["customer_id"].unique()).isin(mature).sum() / len(mature)
        assert reach == pytest.approx(demo.truths.step_reach_ratio[step.step_id], abs=0.03)
    low, high = demo.truths.hole_days
    outbound = touched["direction"] == "out"
    assert since.between(low, high)[outbound].sum() == 0
    assert (touched["step_id"].isna() & (touched["reaction"] == "none")).sum() > 300


def test_gap_is_lost_at_one_step_and_worst_in_one_department(demo: Demo) -> None:
    voices = demo.tables["voices"].assign(gap=lambda table: table["evaluation"] - table["expectation"])
    step = voices.groupby("step")["gap"].mean().sort_values()
    assert step.index[0] == demo.truths.gap_step and step.iloc[0] < -0.8 and step.iloc[1] > -0.2
    cell = voices.pivot_table(index="step", columns="department", values="gap")
    assert cell.stack().idxmin() == (demo.truths.gap_step, demo.truths.gap_department)


def test_heroes_of_the_week_are_found_by_plain_rules(demo: Demo) -> None:
    story, end = _story(demo), pd.Timestamp(demo.truths.board_week_end)
    heroes = {kind: set(who) for kind, who in demo.truths.heroes.items()}
    weeks_ago = (end - story["date"]).dt.days // 7
    mean = story.assign(week=weeks_ago).pivot_table(index="customer_id", columns="week", values="change_score")
    assert set(mean.index[(mean[0] - mean[1]) >= 2.5]) == heroes["rising"]
    kept = mean.notna().sort_index(axis=1)
    streak = kept.cumprod(axis=1).sum(axis=1)
    assert set(streak.index[streak >= 12]) == heroes["streak"]
    smiles, low = set(), set()
    for who, book in story.groupby("customer_id"):
        this_week = book["emotion"][book["date"] > end - pd.Timedelta(days=7)].tolist()
        before = book["emotion"][book["date"] <= end - pd.Timedelta(days=7)].tolist()
        came_back = any(
            all(mood != "良い" for mood in (before + this_week)[at - 2 : at]) and (before + this_week)[at] == "良い"
            for at in range(max(len(before), 2), len(before) + len(this_week))
        )
        smiles |= {who} if came_back else set()
        low |= {who} if book["emotion"].tolist()[-3:] == ["悪い"] * 3 else set()
    assert smiles == heroes["smile"] and low == heroes["falling"]
    assert story["customer_id"].nunique() / 3000 == pytest.approx(0.12, abs=0.01)


def test_bot_stands_out_and_some_visitors_never_bought(demo: Demo) -> None:
    events = demo.tables["events"]
    views = events[events["event"] == "view"]["visitor_id"].value_counts()
    assert views.index[0] == demo.truths.bot_visitor_id and views.iloc[0] > 20 * views.iloc[1]
    bought = set(events.loc[events["event"] == "purchase", "visitor_id"])
    assert len(set(events["visitor_id"]) - bought) > 300


def test_breaking_and_fitting_campaigns_share_out_all(demo: Demo) -> None:
    campaigns, truths = demo.tables["campaigns"], demo.truths
    assert sorted(truths.breaking_campaigns + truths.fitting_campaigns) == sorted(campaigns["campaign_id"])
    coded = campaigns[campaigns["action"].notna()]["campaign_id"]
    assert set(coded) < set(truths.breaking_campaigns) and len(truths.fitting_campaigns) >= 3
    dates = pd.to_datetime(campaigns["date"])
    assert dates.between("2026-07-01", "2026-07-31").all()


# --- truths of stage: METHOD.md section 3, read a second time and from the tables alone

Signals = Iterator[tuple[str, pd.Timestamp, int]]
BAD_SIGN = 99


def _order_signals(demo: Demo, orders: pd.DataFrame) -> Signals:
    touched = demo.tables["touchpoints"]
    angry = touched[touched["reaction"] == "complaint"].groupby("customer_id")["at"].min().dt.normalize()
    landing = pd.Timedelta(days=demo.truths.stage_rules.landing_days)
    for row in orders.itertuples():
        if row.number > 1:
            yield row.customer_id, row.day, 1
        elif row.day + landing <= AS_OF and not angry.get(row.customer_id, pd.Timestamp.max) <= row.day + landing:
            yield row.customer_id, row.day + landing, 1


def _contact_signals(demo: Demo) -> Signals:
    stage = {"reply": 2, "review": 3, "participate": 3, "referral": 4, "complaint": BAD_SIGN}
    for row in demo.tables["touchpoints"].itertuples():
        personal = row.channel in ("電話", "手紙") and row.reaction in ("open", "click")
        if row.reaction in stage or personal:
            yield row.customer_id, row.at.normalize(), stage.get(row.reaction, 2)
    for row in demo.tables["voices"].itertuples():
        yield row.customer_id, pd.Timestamp(row.date), 3
        yield row.customer_id, pd.Timestamp(row.date), 1 if row.evaluation >= row.expectation else BAD_SIGN


def _story_signals(demo: Demo, orders: pd.DataFrame) -> Signals:
    third = orders[orders["number"] == 3].set_index("customer_id")["day"]
    for who, book in _story(demo).groupby("customer_id"):
        dates, good, bad = [], 0, 0
        for row in book.itertuples():
            dates.append(row.date)
            good, bad = good + (row.emotion == "良い"), bad + 1 if row.emotion == "悪い" else 0
            weeks = {(row.date - day).days // 7 for day in dates if (row.date - day).days < 56}
            rising = who in third.index and third[who] <= row.date and row.change_score > book["change_score"].iloc[0]
            signs = {
                1: row.emotion != "悪い",
                2: isinstance(row.note, str) or (good >= 2 and row.emotion == "良い"),
                3: len(weeks) >= 4 or rising,
                BAD_SIGN: bad >= 3,
            }
            yield from ((who, row.date, stage) for stage, holds in signs.items() if holds)


def _final(signals: list[tuple[pd.Timestamp, int]], demo: Demo) -> tuple[int, bool]:
    rules, day_one = demo.truths.stage_rules, pd.Timedelta(days=1)
    regress = pd.Timedelta(days=rules.regress_days)
    stage, cools = 0, pd.Timestamp.max
    for day, level in [*sorted(signals), (AS_OF, 0)]:
        while stage and cools <= day - regress:
            stage, cools = stage - 1, cools + regress
        if level == BAD_SIGN:
            cools = min(cools, day)
        elif level:
            stage = level if level in (stage + 1, max(4, stage)) else stage
            cools = day + pd.Timedelta(days=rules.silence_days[stage]) + day_one
    return stage, bool(stage and cools <= AS_OF)


@pytest.fixture(scope="module")
def reread(demo: Demo, orders: pd.DataFrame) -> pd.DataFrame:
    signals: dict[str, list[tuple[pd.Timestamp, int]]] = {}
    for part in (_order_signals(demo, orders), _contact_signals(demo), _story_signals(demo, orders)):
        for who, day, level in part:
            signals.setdefault(who, []).append((day, level))
    found = {who: _final(signals.get(who, []), demo) for who in demo.truths.stages["customer_id"]}
    return pd.DataFrame.from_dict(found, orient="index", columns=["stage", "cooling"])


def test_signals_in_the_tables_explain_the_planted_stages(demo: Demo, reread: pd.DataFrame) -> None:
    planted = demo.truths.stages.set_index("customer_id")
    assert len(planted) == 3000 and planted.index.is_unique
    assert (reread["stage"] == planted["stage"]).mean() >= 0.99
    assert (reread["cooling"] == planted["cooling"]).mean() >= 0.98
    for stage in range(5):
        assert (reread["stage"] == stage)[planted["stage"] == stage].mean() >= 0.95


def test_stages_are_shared_out_as_meant_and_some_cool(demo: Demo) -> None:
    stages = demo.truths.stages
    share = stages["stage"].value_counts(normalize=True)
    for stage, meant in {0: 0.35, 1: 0.35, 2: 0.17, 3: 0.09, 4: 0.04}.items():
        assert share[stage] == pytest.approx(meant, abs=0.04 if stage < 2 else 0.015)
    assert (stages.groupby("stage")["cooling"].sum().loc[1:] >= 10).all()
    assert not stages.loc[stages["stage"] == 0, "cooling"].any()


def test_history_agrees_with_the_transitions_and_ends_at_the_stages(demo: Demo) -> None:
    truths = demo.truths
    last = truths.stage_history[truths.stage_history["month_end"] == dt.date(2026, 6, 30)].set_index("customer_id")
    assert last["stage"].equals(truths.stages.set_index("customer_id")["stage"].reindex(last.index))
    assert truths.stage_history["month_end"].nunique() == 24
    steps = truths.transitions["stage_to"] - truths.transitions["stage_from"]
    jumps = truths.transitions[(steps != 1) & (steps != -1)]
    assert (steps == -1).sum() > 100 and (jumps["stage_to"] == 4).all()
    ends = truths.transitions.groupby("customer_id").tail(1).set_index("customer_id")["stage_to"]
    assert ends.equals(truths.stages.set_index("customer_id")["stage"].reindex(ends.index).rename("stage_to"))


def test_both_telling_cells_of_rfm_and_stage_are_filled(demo: Demo, orders: pd.DataFrame) -> None:
    stage = demo.truths.stages.set_index("customer_id")["stage"]
    count = orders.groupby("customer_id").size().reindex(stage.index, fill_value=0)
    assert ((count >= 5) & (stage <= 1)).sum() >= 50
    assert ((count == 1) & (stage >= 3)).sum() >= 20

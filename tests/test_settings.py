"""A settings file is read as it was meant, or refused with all that is wrong in it, in words that help to mend it."""

from pathlib import Path
from typing import Literal

import pytest

from horetsu_utils.config import Config
from horetsu_utils.errors import ConfigError
from horetsu_utils.settings import Strict, load_yaml, validate

TABLES = "tables: {orders: [{files: data/*.csv}]}"
NEXT = "次に: 上の項目を直して、もう一度お試しください。"
INDENT = "次に: 字下げ(半角の空白)と「:」の後の空白を確かめてください。"
CUTS = "[1, 2, 3, 4]"


def refused(folder: Path, content: str | bytes) -> str:
    path = folder / "client.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    with pytest.raises(ConfigError) as error:
        validate(Config, load_yaml(path), where=str(path))
    return str(error.value).replace(str(folder), "…")


def accepted(folder: Path, content: str) -> Config:
    path = folder / "client.yaml"
    path.write_text(content, encoding="utf-8")
    return validate(Config, load_yaml(path), where=str(path))


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (
            f"nmae: 店\n{TABLES}",
            ["「name」が書かれていません。", "「nmae」という項目はありません。「name」の書き間違いではありませんか。"],
        ),
        (
            f"name: 店\n{TABLES}\ntime_zon: Asia/Tokyo",
            ["「time_zon」という項目はありません。「time_zone」の書き間違いではありませんか。"],
        ),
        (
            f"name: 店\n{TABLES}\nzzz: 1",
            ["「zzz」という項目はありません。この名前は使えません。"],
        ),
        (
            "name: 店\ntables: {ordrs: [{files: a}]}",
            ["「tables」: 「ordrs」という表はありません。「orders」の書き間違いではありませんか。"],
        ),
        (
            "name: 店\ntables: {orders: [{files: a}, {fils: a, maping: generic}]}",
            [
                "「tables.orders(2つ目).files」が書かれていません。",
                "「tables.orders(2つ目).fils」という項目はありません。「files」の書き間違いではありませんか。",
                "「tables.orders(2つ目).maping」という項目はありません。「mapping」の書き間違いではありませんか。",
            ],
        ),
        (
            f"name: 店\n{TABLES}\nrfm: {{recency_days: {CUTS}, frequency: {CUTS}, monetary_yne: {CUTS}}}",
            [
                "「rfm.monetary_yen」が書かれていません。",
                "「rfm.monetary_yne」という項目はありません。「monetary_yen」の書き間違いではありませんか。",
            ],
        ),
        (
            f"name: 店\n{TABLES}\n"
            "cpm: {begginer_days: 3}\nreference: {repeat: 0.5}\nfan: {frequency: 3, monetary: 1}",
            [
                "「fan.monetary_yen」が書かれていません。",
                "「fan.monetary」という項目はありません。「monetary_yen」の書き間違いではありませんか。",
                "「cpm.begginer_days」という項目はありません。「beginner_days」の書き間違いではありませんか。",
                "「reference.repeat」という項目はありません。「repeat_ratio」の書き間違いではありませんか。",
            ],
        ),
        (
            f"name: 123\n{TABLES}\ntax: 税込\ncurrency: YEN\ntime_zone: Tokyo",
            [
                "「name」の値「123」は文字ではありません(数字や yes・no だけの名前は '…' で囲んでください)。",
                "「time_zone」: 「Tokyo」という時間帯はありません(日本なら Asia/Tokyo)。",
                "「currency」: 「YEN」という通貨は使えません(使えるもの: JPY・USD・EUR・GBP・CNY・KRW・TWD)。",
                "「tax」の値「税込」は選べる値ではありません。使える値は included・excluded・unknown です。",
            ],
        ),
        (
            f"name: 店\n{TABLES}\nperiod_days: 一年\ncompare_days: 0\ndormant_days: 99999",
            [
                "「period_days」の値「一年」は整数ではありません。",
                "「compare_days」の値「0」は小さすぎます。1 以上にしてください。",
                "「dormant_days」の値「99999」は大きすぎます。3660 以下にしてください。",
            ],
        ),
        (
            f"name: 店\n{TABLES}\nperiod_days: 1.5\ncompare_days: true",
            [
                "「period_days」の値「1.5」は整数ではありません。",
                "「compare_days」の値「True」は整数ではありません。",
            ],
        ),
        (
            f"name: 店\n{TABLES}\nreference: {{repeat_ratio: 60, annual_ltv_yen: .nan}}",
            [
                "「reference.repeat_ratio」の値「60」は大きすぎます。1 以下にしてください。",
                "「reference.annual_ltv_yen」の値「nan」は数ではありません。",
            ],
        ),
        (
            f"name: 店\n{TABLES}\nreference: {{repeat_ratio: 60%}}\nfan: {{frequency: 1, monetary_yen: -1}}",
            [
                "「fan.frequency」の値「1」は小さすぎます。2 以上にしてください。",
                "「fan.monetary_yen」の値「-1」は小さすぎます。0 以上にしてください。",
                "「reference.repeat_ratio」の値「60%」は数ではありません。",
            ],
        ),
        (
            f"name: 店\n{TABLES}\n"
            "rfm: {recency_days: [1, 2, 3], frequency: [1, 2, x, 4], monetary_yen: [1, 2, 3, 4, 5]}",
            [
                "「rfm.recency_days(4つ目)」が書かれていません。",
                "「rfm.frequency(3つ目)」の値「x」は数ではありません。",
                "「rfm.monetary_yen」の値「[1, 2, 3, 4, 5]」は数が多すぎます。",
            ],
        ),
        (
            f"name: 店\n{TABLES}\nrfm: {{recency_days: [4, 3, 2, 1], frequency: {CUTS}, monetary_yen: {CUTS}}}",
            ["「rfm」: recency_days の4つの数は、小さい順に、同じ数が無いように書いてください。"],
        ),
        (
            f"name: 店\n{TABLES}\ncpm: {{beginner_days: 300}}",
            ["「cpm」: beginner_days は settled_days より小さい数にしてください。"],
        ),
        (
            "name: ''\ntables: 注文",
            ["「name」の値「」は空です。", "「tables」の値「注文」は「名前: 値」の形ではありません。"],
        ),
        ("name: 店\ntables:", ["「tables」の値「」は「名前: 値」の形ではありません。"]),
        (
            "name: 店\ntables: {orders: []}",
            ["「tables」: 読むファイルがありません。表の名前の下に、files を1つ以上書いてください。"],
        ),
        (
            "name: 店\ntables: {orders: data/a.csv}",
            ["「tables.orders」の値「data/a.csv」は「- 」で始まる一覧の形ではありません。"],
        ),
        (
            "name: 店\ntables: {orders: [data/a.csv]}",
            ["「tables.orders(1つ目)」の値「data/a.csv」は「名前: 値」の形ではありません。"],
        ),
        (
            "name: 店\ntables: {orders: [{files: []}]}",
            ["「tables.orders(1つ目).files」: ファイルの名前を1つ以上書いてください。"],
        ),
        (
            "name: 店\ntables: {orders: [{files: [2026, '']}]}",
            [
                "「tables.orders(1つ目).files(1つ目)」の値「2026」は文字ではありません"
                "(数字や yes・no だけの名前は '…' で囲んでください)。",
                "「tables.orders(1つ目).files(2つ目)」の値「」は空です。",
            ],
        ),
        (f"name: 店\n{TABLES}\non: 1", ["「True」は項目の名前に使えません。"]),
        (f"name: {'長' * 201}\n{TABLES}", [f"「name」の値「{'長' * 39}…」は長すぎます。"]),
    ],
)
def test_every_mistake_is_told_at_once(tmp_path: Path, content: str, problems: list[str]) -> None:
    lines = "\n".join(f"・{problem}" for problem in problems)
    assert refused(tmp_path, content) == f"設定に直すところがあります。\n{lines}\n場所: …/client.yaml\n{NEXT}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name: [\n", f"設定ファイルの書き方が読み取れません。\n場所: …/client.yaml 2行目\n{INDENT}"),
        ("name: 店\n\ttax: unknown\n", f"設定ファイルの書き方が読み取れません。\n場所: …/client.yaml 2行目\n{INDENT}"),
        ("name: 店: 本店\n", f"設定ファイルの書き方が読み取れません。\n場所: …/client.yaml 1行目\n{INDENT}"),
        ("name: 2026-02-30\n", f"設定ファイルの書き方が読み取れません。\n場所: …/client.yaml\n{INDENT}"),
        ("[" * 5000 + "]" * 5000, f"設定ファイルの書き方が読み取れません。\n場所: …/client.yaml\n{INDENT}"),
        (
            "name: !!python/object/apply:os.getcwd []\n",
            f"設定ファイルの書き方が読み取れません。\n場所: …/client.yaml 1行目\n{INDENT}",
        ),
        (
            f"name: 店\n{TABLES}\nname: 別の店\n",
            "同じ項目「name」が2回書かれています。\n場所: …/client.yaml 3行目\n次に: 1つにまとめてください。",
        ),
        (
            "name: 店\ntables:\n  orders: [{files: a}]\n  orders: [{files: b}]\n",
            "同じ項目「orders」が2回書かれています。\n場所: …/client.yaml 4行目\n次に: 1つにまとめてください。",
        ),
        ("", "設定ファイルに「名前: 値」がありません。\n場所: …/client.yaml\n次に: ひな形と見比べてください。"),
        ("- a\n", "設定ファイルに「名前: 値」がありません。\n場所: …/client.yaml\n次に: ひな形と見比べてください。"),
        (
            "name: 見本\n".encode("cp932"),
            "設定ファイルの文字コードが UTF-8 ではありません。\n場所: …/client.yaml\n"
            "次に: UTF-8 で保存し直してください。",
        ),
        (
            b"#" * 1_000_001,
            "設定ファイルが大きすぎます。\n場所: …/client.yaml\n次に: 中身を確かめてください。",
        ),
    ],
    ids=["open", "tab", "colon", "date", "deep", "python", "twice", "twice-below", "empty", "list", "cp932", "large"],
)
def test_a_file_that_is_no_settings_file_says_so(tmp_path: Path, content: str | bytes, message: str) -> None:
    assert refused(tmp_path, content) == message


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load_yaml(tmp_path / "client.yaml")
    assert str(error.value) == (
        f"設定ファイルを開けません。\n場所: {tmp_path}/client.yaml\n次に: 場所と名前を確かめてください。"
    )


def test_a_file_with_a_mark_and_anchors_is_read(tmp_path: Path) -> None:
    found = accepted(tmp_path, "\ufeffname: &shop 店\ntables: {orders: [{files: a, department: *shop}]}\n")
    assert (found.name, found.tables["orders"][0].department) == ("店", "店")


def test_one_glob_or_many_may_be_written(tmp_path: Path) -> None:
    one = accepted(tmp_path, "name: 店\ntables: {orders: [{files: a}]}")
    many = accepted(tmp_path, "name: 店\ntables: {orders: [{files: [a, b]}]}")
    assert (one.tables["orders"][0].files, many.tables["orders"][0].files) == (("a",), ("a", "b"))


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("KRW", 0), ("USD", 2), ("GBP", 2)])
def test_a_currency_has_its_own_smallest_amount(tmp_path: Path, currency: str, digits: int) -> None:
    assert (
        accepted(
            tmp_path,
            f"name: 店\n{TABLES}\ncurrency: {currency}\nreference: {{annual_ltv_yen: 100}}\ncpm: {{heavy_yen: 500}}",
        ).digits
        == digits
    )


def test_what_is_not_written_takes_the_methods_value(tmp_path: Path) -> None:
    found = accepted(tmp_path, f"name: 店\n{TABLES}")
    assert (found.time_zone, found.currency, found.tax, found.cuts()) == ("Asia/Tokyo", "JPY", "unknown", None)
    assert (found.reference.repeat_ratio, found.reference.annual_ltv_yen) == (0.60, 18_000)
    assert (found.cpm.beginner_days, found.cpm.settled_days, found.cpm.away_days, found.cpm.heavy_yen) == (
        90,
        210,
        240,
        70_000,
    )


def test_the_shops_own_lines_reach_the_rules(tmp_path: Path) -> None:
    cuts = f"rfm: {{recency_days: {CUTS}, frequency: {CUTS}, monetary_yen: {CUTS}}}"
    found = accepted(tmp_path, f"name: 店\n{TABLES}\ndormant_days: 99\nfan: {{frequency: 3, monetary_yen: 9}}\n{cuts}")
    assert found.cuts().frequency == (1, 2, 3, 4)
    state = found.state()
    assert (state.dormant_days, state.fan_frequency, state.fan_monetary_yen) == (99, 3, 9)


def test_the_shops_own_days_of_waiting_and_size_of_a_repair_are_read(tmp_path: Path) -> None:
    found = accepted(tmp_path, f"name: 店\n{TABLES}\nstage: {{regress_days: 45}}\njourney: {{repair_points: 3}}")
    assert (found.stage.landing_days, found.stage.regress_days, found.journey.repair_points) == (None, 45, 3)
    told = refused(tmp_path, f"name: 店\n{TABLES}\nstage: {{landing_days: 0}}\njourney: {{repair_points: 0.5}}")
    assert "「stage.landing_days」の値「0」は小さすぎます。1 以上にしてください。" in told
    assert "「journey.repair_points」の値「0.5」は整数ではありません。" in told


def test_the_shops_own_days_of_the_journey_are_read(tmp_path: Path) -> None:
    found = accepted(tmp_path, f"name: 店\n{TABLES}\njourney: {{reading_days: [14, 45, 120], settling_days: 5}}")
    assert (found.journey.reading_days, found.journey.settling_days) == ((14, 45, 120), 5)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("[60, 30]", "「journey.reading_days」: reading_days は、小さい順に、同じ数が無いように書いてください"),
        ("[]", "「journey.reading_days」"),
        ("[0, 30]", "「0」は小さすぎます。1 以上にしてください。"),
    ],
)
def test_days_of_the_journey_that_mean_nothing_are_refused(tmp_path: Path, days: str, said: str) -> None:
    assert said in refused(tmp_path, f"name: 店\n{TABLES}\njourney: {{reading_days: {days}}}")


class Chosen(Strict):
    """Two settings of which only some values are known."""

    encoding: Literal["utf-8", "cp932"] = "utf-8"
    digits: Literal[0, 2] = 0


def test_the_values_that_can_be_chosen_are_told_as_they_are_written() -> None:
    with pytest.raises(ConfigError) as error:
        validate(Chosen, {"encoding": "sjis", "digits": 1}, where="client.yaml")
    told = [line for line in error.value.what.splitlines() if line.startswith("・")]
    assert told == [
        "・「encoding」の値「sjis」は選べる値ではありません。使える値は utf-8・cp932 です。",
        "・「digits」の値「1」は選べる値ではありません。使える値は 0・2 です。",
    ]


@pytest.mark.parametrize("sign", ["\u202e", "\a", "\u2067", "\u2028"])
def test_a_shop_s_name_has_no_signs_that_nobody_sees(sign: str) -> None:
    with pytest.raises(ConfigError, match="「name」: 改行など、目に見えない文字は使えません"):
        validate(Config, {"name": f"店{sign}先", "tables": {}}, where="client.yaml")

"""A mapping file is understood whole or refused with everything that is wrong in it."""

from pathlib import Path

import pytest
import yaml

from horetsu_utils import assets, canon
from horetsu_utils.errors import ConfigError, InputError
from horetsu_utils.ingest import mapping
from horetsu_utils.ingest.header import Header, parts, require

ROOT = Path(__file__).resolve().parents[2]
MAPPINGS = [*sorted(assets.MAPPINGS.glob("*.yaml")), *sorted((ROOT / "tests" / "mappings").glob("*.yaml"))]
COLUMNS = "{order_id: [番号], customer_id: [誰], ordered_at: [日], amount: [額]}"
NEXT = "次に: 上の項目を直して、もう一度お試しください。"


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.stem)
def test_every_mapping_of_the_kit_is_sound(path: Path) -> None:
    found = mapping.load(path)
    assert found.title
    for table, section in found.tables.items():
        person = section.person
        every = [heading for headings in section.columns.values() for heading in headings]
        every += [heading for key in section.customer_key for heading in key.columns]
        every += [*person.mail, *person.phone, *person.name]
        every += [case.column for cases in section.when.values() for case in cases]
        header = Header(tuple(dict.fromkeys(part for heading in every for part in parts(heading))))
        require(section, table, header, where=path.name)


def test_the_generic_mapping_reads_every_column_of_every_table_by_its_own_name() -> None:
    found = mapping.load(assets.MAPPINGS / "generic.yaml")
    for name, table in canon.TABLES.items():
        assert set(found.tables[name].columns) == set(table.names), name
        assert all(column in headings for column, headings in found.tables[name].columns.items())


def refused(folder: Path, text: str) -> str:
    path = folder / "m.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        mapping.load(path)
    return str(error.value).replace(str(folder), "…")


def orders(rest: str = "", columns: str = COLUMNS) -> str:
    return f"title: t\ntables:\n  orders:\n    columns: {columns}\n{rest}"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            orders(columns="{order_id: [番号], amuont: [額]}"),
            ["表「orders」に「amuont」という列はありません(近い名前: amount)。"],
        ),
        (
            orders("    constants: {chanel: 店頭}\n    computed: {amount: quantity * unit_prise}\n"),
            [
                "表「orders」に「chanel」という列はありません(近い名前: channel)、"
                "表「orders」に「unit_prise」という列はありません(近い名前: unit_price)。"
            ],
        ),
        (
            "title: t\ntables: {oders: {columns: {order_id: [番号]}}}\n",
            [f"「oders」という表はありません(使える表: {'・'.join(canon.TABLES)})。"],
        ),
        (
            orders("    computed: {amount: quantity ** 2}\n"),
            ["「tables.orders.computed」: 計算式に使えるのは、列の名前と数と + - * / と括弧だけです。"],
        ),
        (
            orders("    computed: {amount: __import__('os').system('x')}\n"),
            ["「tables.orders.computed」: 計算式に使えるのは、列の名前と数と + - * / と括弧だけです。"],
        ),
        (
            orders("    computed: {amount: quantity *}\n"),
            ["「tables.orders.computed」: 計算式に使えるのは、列の名前と数と + - * / と括弧だけです。"],
        ),
        (
            orders("    computed: {amount: quantity * ordered_at}\n"),
            ["表「orders」の「ordered_at」は数の列ではないので、計算には使えません。"],
        ),
        (
            orders("    cancelled: [{column: 状態, is_in: [取消], filled: true}]\n"),
            [
                "「tables.orders.cancelled(1つ目)」: "
                "条件は is_in・not_in・starts_with・matches・below・filled のうち1つだけを書いてください。"
            ],
        ),
        (
            orders("    cancelled: [{column: 状態}]\n"),
            [
                "「tables.orders.cancelled(1つ目)」: "
                "条件は is_in・not_in・starts_with・matches・below・filled のうち1つだけを書いてください。"
            ],
        ),
        (
            orders("    cancelled: [{column: 状態, matches: '(?=取消'}]\n"),
            ["「tables.orders.cancelled(1つ目).matches」: 「(?=取消」は正規表現として読めません。"],
        ),
        (
            orders("    cancelled: [{column: 状態, is_in: [3, 取消]}]\n"),
            [
                "「tables.orders.cancelled(1つ目).is_in(1つ目)」の値「3」は文字ではありません"
                "(数字や yes・no だけの名前は '…' で囲んでください)。"
            ],
        ),
        (
            orders("    canceled: [{column: 状態, filled: true}]\n"),
            [
                "「tables.orders.canceled」という項目はありません。「cancelled」の書き間違いではありませんか。",
            ],
        ),
        (
            orders("    dates: ['%Y-%Q']\n"),
            [
                "「tables.orders.dates」: 「%Y-%Q」は日付の書き方として読めません(例: %Y-%m-%d %H:%M:%S)。",
            ],
        ),
        (
            orders("    values: {status: {済: payed}, channel: {A: 店頭}}\n"),
            [
                "表「orders」の「channel」に「店頭」という値はありません(使える値: なし)、"
                "表「orders」の「status」に「payed」という値はありません(使える値: paid・cancelled・returned)。"
            ],
        ),
        (
            f"time_zone: Tokyo\n{orders()}",
            ["「time_zone」: 「Tokyo」という時間帯はありません(日本なら Asia/Tokyo)。"],
        ),
        (
            f"numbers: german\n{orders()}",
            ["「numbers」の値「german」は選べる値ではありません。使える値は plain・european です。"],
        ),
        (
            f"title: t\ntime_zon: Asia/Tokyo\n{orders().removeprefix('title: t')}",
            ["「time_zon」という項目はありません。「time_zone」の書き間違いではありませんか。"],
        ),
    ],
)
def test_a_mapping_that_cannot_work_says_what_is_wrong(tmp_path: Path, text: str, problems: list[str]) -> None:
    lines = "\n".join(f"・{problem}" for problem in problems)
    assert refused(tmp_path, text) == f"設定に直すところがあります。\n{lines}\n場所: …/m.yaml\n{NEXT}"


def test_headings_are_compared_without_spaces_width_or_case() -> None:
    header = Header(("注文 番号", "Ｎａｍｅ", "対応状況（ID）", "name", "送料\n(税込)"))
    assert [header.position(name) for name in ("注文番号", "NAME", "対応状況(ID)", "Name#2", "送料(税込)", "無い")] == [
        0,
        1,
        2,
        3,
        4,
        None,
    ]


def test_an_expression_needs_all_its_parts() -> None:
    section = mapping.load(assets.MAPPINGS / "generic.yaml").tables["orders"]
    require(section, "orders", Header(("注文番号", "顧客番号", "注文日", "数量", "単価")), where="a.csv")
    with pytest.raises(InputError):
        require(section, "orders", Header(("注文番号", "顧客番号", "注文日", "数量")), where="a.csv")


def test_the_mappings_stay_plain_data() -> None:
    for path in MAPPINGS:
        assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)

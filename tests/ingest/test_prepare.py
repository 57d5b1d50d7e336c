"""Preparing happens whole or not at all, is kept while nothing changes, and shows every row it could not use."""

import csv
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from horetsu_utils import assets, cache, client
from horetsu_utils.errors import ConfigError, InputError, MissingDataError
from horetsu_utils.ingest import prepare as preparing
from horetsu_utils.ingest.account import Rejected
from horetsu_utils.shop import Shop

ORDERS = "  orders: [{files: data/*.csv}]"
HEADER = "order_id,customer_id,ordered_at,amount"
GOOD = f"{HEADER}\n1,c,2026-06-01,100\n"
STORY = "customer_id,date,change_score,emotion\nc,2026-06-01,3,良い\n"


def prepared(folder: Path) -> Path:
    return cache.prepared(client.find(str(folder)))


def state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("broken", "error"),
    [("_write", OSError("disk full")), ("_rejected", KeyboardInterrupt()), ("write_csv", RuntimeError("bug"))],
    ids=["table", "rejected", "csv"],
)
def test_a_failure_in_the_middle_leaves_only_the_old_state(
    make_client: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, broken: str, error: BaseException
) -> None:
    folder = make_client(
        {"a.csv": GOOD, "s.csv": STORY}, "  orders: [{files: data/a.csv}]\n  story: [{files: data/s.csv}]"
    )
    prepared(folder)
    (folder / "data" / "s.csv").write_text(f"{STORY}c,2026-06-02,9,良い\n", encoding="utf-8")
    before = state(folder)
    place = preparing.account if broken == "write_csv" else preparing
    whole = getattr(place, broken)
    calls: list[int] = []

    def fail(*arguments: object, **named: object) -> object:
        calls.append(1)
        if broken == "_write" and len(calls) == 1:
            return whole(*arguments, **named)
        raise error

    monkeypatch.setattr(place, broken, fail)
    with pytest.raises(type(error)):
        prepared(folder)
    assert calls
    assert {name: data for name, data in state(folder).items() if ".cache/files" not in name} == {
        name: data for name, data in before.items() if ".cache/files" not in name
    }
    assert [path.name for path in (folder / ".cache").iterdir() if path.name.startswith(".")] == []
    monkeypatch.undo()
    assert (prepared(folder) / "account.json").is_file()


def test_a_file_that_cannot_be_read_leaves_no_cache(make_client: Callable[..., Path]) -> None:
    folder = make_client({"a.csv": GOOD, "b.csv": b""}, ORDERS)
    with pytest.raises(InputError):
        prepared(folder)
    assert not list((folder / ".cache").glob("*/account.json"))
    assert not (folder / "rejected.csv").exists()


def test_nothing_is_read_again_while_nothing_changes(make_client: Callable[..., Path]) -> None:
    folder = make_client({"a.csv": GOOD}, ORDERS)
    first = prepared(folder)
    written = {path.name: path.stat().st_mtime_ns for path in first.iterdir()}
    os.utime(folder / "data" / "a.csv", (1, 1))
    (folder / "client.yaml").write_text(f"# 説明\nname: 別の名前\ntables:\n{ORDERS}\n", encoding="utf-8")
    second = prepared(folder)
    assert second == first
    assert {path.name: path.stat().st_mtime_ns for path in second.iterdir()} == written


def change_content(folder: Path) -> None:
    (folder / "data" / "a.csv").write_text(GOOD.replace("100", "200"), encoding="utf-8")


def change_name(folder: Path) -> None:
    (folder / "data" / "a.csv").rename(folder / "data" / "b.csv")


def add_file(folder: Path) -> None:
    (folder / "data" / "b.csv").write_text(GOOD, encoding="utf-8")


def change_settings(folder: Path) -> None:
    text = (folder / "client.yaml").read_text(encoding="utf-8")
    (folder / "client.yaml").write_text(f"{text}time_zone: Europe/London\n", encoding="utf-8")


def change_rules(folder: Path) -> None:
    (folder / "rules").mkdir()
    (folder / "rules" / "not_products.yaml").write_text("names: [本]\nids: []\n", encoding="utf-8")


def change_mapping(folder: Path) -> None:
    columns = "{order_id: [order_id], customer_id: [customer_id], ordered_at: [ordered_at], amount: [amount]}"
    (folder / "mappings").mkdir()
    text = f"title: own\ntables: {{orders: {{columns: {columns}}}}}\n"
    (folder / "mappings" / "generic.yaml").write_text(text, encoding="utf-8")


CHANGES = [change_content, change_name, add_file, change_settings, change_rules, change_mapping]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_change_that_matters_is_noticed(make_client: Callable[..., Path], change: Callable[[Path], None]) -> None:
    folder = make_client({"a.csv": GOOD}, ORDERS)
    first = prepared(folder)
    change(folder)
    assert prepared(folder) != first


def test_old_copies_do_not_pile_up(make_client: Callable[..., Path]) -> None:
    folder = make_client({"a.csv": GOOD}, ORDERS)
    kept = []
    for amount in range(4):
        (folder / "data" / "a.csv").write_text(f"{HEADER}\n1,c,2026-06-01,{amount}\n", encoding="utf-8")
        kept.append(prepared(folder))
        os.utime(kept[-1], (amount, amount))
    assert sorted(path.parent for path in (folder / ".cache").glob("*/account.json")) == sorted(kept[-2:])
    assert len(list((folder / ".cache" / "files").iterdir())) == 1


def test_every_row_that_could_not_be_used_is_listed_for_a_spreadsheet(make_client: Callable[..., Path]) -> None:
    values = ["=1+1", "+1-1+", "-1-", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0", "-", "'=1"]
    rows = [f'{number},c,2026-06-01,"{value}"' for number, value in enumerate(values * 5)]
    folder = make_client({"a.csv": "\n".join([HEADER, *rows, "=x,y", "1,c,2026-06-01,1"])}, ORDERS)
    prepared(folder)
    content = (folder / "rejected.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    head, *listed = csv.reader(content.decode("utf-8-sig").splitlines())
    assert head == ["ファイル", "行", "列", "値", "理由", "直し方"]
    assert [int(row[1]) for row in listed] == list(range(2, 43))
    assert [row[3] for row in listed[:8]] == [
        "'=1+1",
        "'+1-1+",
        "'-1-",
        "'@SUM(A1)",
        "x",
        "'=cmd|' /C calc'!A0",
        "'-",
        "'=1",
    ]
    assert listed[-1][3] == ""
    assert not any(cell[:1] in tuple("=+-@\t\r") for row in listed for cell in row)


def test_the_list_is_emptied_when_the_rows_are_mended(make_client: Callable[..., Path]) -> None:
    folder = make_client({"a.csv": f"{GOOD}2,c,x,1\n"}, ORDERS)
    prepared(folder)
    assert len((folder / "rejected.csv").read_text(encoding="utf-8").splitlines()) == 2
    (folder / "data" / "a.csv").write_text(GOOD, encoding="utf-8")
    prepared(folder)
    assert len((folder / "rejected.csv").read_text(encoding="utf-8").splitlines()) == 1


def test_a_rejected_row_is_told_in_one_line() -> None:
    told = Rejected("data/a.csv", 1234, "金額", "1,20", "数として読めません", "1200のような形に直してください")
    assert str(told) == (
        "data/a.csv 1,234行目 列「金額」の値「1,20」: 数として読めません。1200のような形に直してください。"
    )
    bare = Rejected("data/a.csv", 5, "", "", "空です", "消してください")
    assert str(bare) == "data/a.csv 5行目: 空です。消してください。"


def message(error: pytest.ExceptionInfo[Exception], folder: Path) -> str:
    return str(error.value).replace(str(folder), "…")


def test_a_header_alone_is_told_as_such(make_client: Callable[..., Path]) -> None:
    folder = make_client({"a.csv": HEADER, "b.csv": f"{HEADER}\n\n"}, ORDERS)
    with pytest.raises(InputError) as error:
        prepared(folder)
    assert message(error, folder) == (
        "見出しだけで、その下に行がありません。\n場所: data/a.csv、data/b.csv\n"
        "次に: 書き出す期間や条件を確かめて、もう一度書き出してください。"
    )


def test_rows_of_which_none_can_be_used_send_the_reader_to_the_list(make_client: Callable[..., Path]) -> None:
    folder = make_client({"a.csv": f"{HEADER}\n1,c,x,1\n2,c,2026-06-01\n"}, ORDERS)
    with pytest.raises(MissingDataError) as error:
        Shop.open(folder, as_of="")
    assert message(error, folder) == (
        "使える行が1行もありません。\n場所: …/rejected.csv\n"
        "次に: horetsu check shop で、ファイルと行の内訳を確かめてください。"
    )
    assert len((folder / "rejected.csv").read_text(encoding="utf-8").splitlines()) == 3


def test_a_missing_column_is_told_with_the_heading_most_like_it(make_client: Callable[..., Path]) -> None:
    folder = make_client({"a.csv": "注文番\u3000,お客,受注日時,小計額\n1,c,2026-06-01,1\n"}, ORDERS)
    (folder / "client.yaml").write_text(
        "name: 店\ntables: {orders: [{files: data/*.csv, mapping: generic}]}", encoding="utf-8"
    )
    with pytest.raises(InputError) as error:
        prepared(folder)
    assert message(error, folder) == (
        "必要な列が見つかりません。\n"
        "・注文番号(order_id)。見出しの候補: order_id、注文番号、注文ID、受注番号。一番近い見出しは「注文番」です。\n"
        "・顧客番号(customer_id)。見出しの候補: customer_id、顧客番号、顧客ID、会員番号。似た見出しもありません。\n"
        "・金額(amount)。見出しの候補: amount、金額、小計、明細金額。一番近い見出しは「小計額」です。\n"
        "場所: data/a.csv\n"
        "次に: 別のシステムの書き出しなら、client.yaml の mapping を変えてください。"
        "見出しだけが違うなら、対応表を写してお店のフォルダの mappings に置き、見出しを書き足してください。"
    )


def test_a_missing_part_of_a_computed_amount_is_told_by_its_heading(make_client: Callable[..., Path]) -> None:
    header = "Name,Email,Created at,Lineitem quantity,Lineitem prise"
    folder = make_client(
        {"a.csv": f"{header}\n1,a@example.jp,2026-06-01,1,1\n"}, "  orders: [{files: data/*, mapping: shopify}]"
    )
    with pytest.raises(InputError) as error:
        prepared(folder)
    assert message(error, folder).splitlines()[1] == (
        "・金額(amount)。見出しの候補: Lineitem price。一番近い見出しは「Lineitem prise」です。"
    )


def test_one_file_under_two_mappings_is_refused(make_client: Callable[..., Path]) -> None:
    folder = make_client(
        {"a.csv": GOOD}, "  orders: [{files: data/*.csv, mapping: generic}, {files: data/a*, mapping: shopify}]"
    )
    with pytest.raises(InputError) as error:
        prepared(folder)
    assert message(error, folder) == (
        "1つのファイルを、2つの対応表で読むことになっています。\n場所: data/a.csv(generic と shopify)\n"
        "次に: client.yaml の tables.orders の files を、重ならないように直してください。"
    )


def test_a_mapping_that_cannot_feed_the_table_is_refused(make_client: Callable[..., Path]) -> None:
    folder = make_client({"a.csv": GOOD}, "  story: [{files: data/*.csv, mapping: ec_cube4}]")
    with pytest.raises(ConfigError) as error:
        prepared(folder)
    assert message(error, folder) == (
        "対応表「ec_cube4」は「物語(変化の記録)」(story)を読めません。\n場所: client.yaml の tables.story\n"
        "次に: この対応表で読める表: orders・customers"
    )


def test_a_misspelt_mapping_is_told_with_the_nearest(make_client: Callable[..., Path]) -> None:
    folder = make_client({"a.csv": GOOD}, "  orders: [{files: data/*.csv, mapping: shopfy}]")
    with pytest.raises(ConfigError) as error:
        prepared(folder)
    assert message(error, folder) == (
        "「shopfy」という対応表(mapping)はありません。「shopify」の書き間違いではありませんか。\n"
        "場所: client.yaml の tables\n次に: 次の中から選んでください: "
        + "、".join(sorted(path.stem for path in assets.MAPPINGS.glob("*.yaml")))
    )


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (
            "2026-05-31",
            "分析日 2026-05-31 は、最初の記録 2026-06-01 より前です。\n場所: 分析する日\n"
            "次に: 2026-06-01 から 2026-06-01 までの日を選んでください。",
        ),
        (
            "6月",
            "分析日「6月」を日付として読めません。\n場所: 分析する日\n次に: 2026-06-30 のように書いてください。",
        ),
    ],
)
def test_an_analysis_day_that_cannot_be_is_refused(make_client: Callable[..., Path], as_of: str, expected: str) -> None:
    folder = make_client({"a.csv": GOOD}, ORDERS)
    with pytest.raises((MissingDataError, ConfigError)) as error:
        Shop.open(folder, as_of=as_of)
    assert str(error.value) == expected


def test_a_shop_with_one_order_opens(make_client: Callable[..., Path]) -> None:
    shop = Shop.open(make_client({"a.csv": GOOD}, ORDERS), as_of="")
    assert (shop.as_of.isoformat(), shop.orders.count().to_pyarrow().as_py()) == ("2026-06-01", 1)


def test_a_story_alone_opens(make_client: Callable[..., Path]) -> None:
    shop = Shop.open(make_client({"s.csv": STORY}, "  story: [{files: data/*}]"), as_of="")
    assert (shop.as_of.isoformat(), shop.table("story").count().to_pyarrow().as_py()) == ("2026-06-01", 1)


def test_two_who_prepare_the_same_at_once_do_not_disturb_each_other(
    make_client: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_client({"a.csv": GOOD}, ORDERS)
    written = preparing.account.write_csv

    def meanwhile(rejected: Iterable[Rejected], path: Path) -> tuple[Rejected, ...]:
        monkeypatch.undo()
        prepared(folder)
        return written(rejected, path)

    monkeypatch.setattr(preparing.account, "write_csv", meanwhile)
    found = prepared(folder)
    assert sorted(path.name for path in (folder / ".cache").iterdir()) == sorted([found.name, "files"])
    assert (found / "account.json").is_file()

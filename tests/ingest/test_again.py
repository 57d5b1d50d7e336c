"""What was read once is not read again, and what a newer file tells anew holds."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Prepared

from horetsu_utils import cache, client
from horetsu_utils.errors import InputError

HEADER = "order_id,customer_id,ordered_at,amount,product_id,product_name,status"
TABLES = "  orders: [{files: data/orders*}]"
Files = dict[str, str]


def content(*rows: str) -> str:
    return "\n".join([HEADER, *rows, ""])


MAY = content("1,c,2026-05-01,100,P1,本,", "2,d,2026-05-02,200,P1,本,")
JUNE = content("3,c,2026-06-01,300,P2,紙,")
JULY = content("4,d,2026-07-01,400,P2,紙,")


class Shop:
    """A client's folder whose files change between two imports."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.said = folder, list[str]()

    def write(self, files: Files) -> None:
        for name, text in files.items():
            (self.folder / "data" / name).write_text(text, encoding="utf-8")

    def prepared(self) -> Prepared:
        self.said.clear()
        return Prepared(self.folder, cache.prepared(client.find(str(self.folder)), self.said.append))

    @property
    def read(self) -> list[str]:
        """The files that the last import has opened."""
        return [text.removesuffix(" を読んでいます") for text in self.said if text.endswith(" を読んでいます")]

    def kept(self) -> dict[str, int]:
        """The files whose rows are kept, with the moment at which these were written."""
        found = {}
        for told in (self.folder / ".cache" / "files").glob("*/told.json"):
            found[told.parent.name] = told.stat().st_mtime_ns
        return found


@pytest.fixture
def shop(make_client: Callable[..., Path]) -> Shop:
    return Shop(make_client({"orders_05.csv": MAY, "orders_06.csv": JUNE}, TABLES))


def amounts(found: Prepared) -> dict[str, int]:
    return {row["order_id"]: int(row["amount"]) for row in found.table("orders")}


def test_a_new_month_is_the_only_file_that_is_read(shop: Shop) -> None:
    shop.prepared()
    assert shop.read == ["data/orders_05.csv", "data/orders_06.csv"]
    before = shop.kept()
    shop.write({"orders_07.csv": JULY})
    assert amounts(shop.prepared()) == {"1": 100, "2": 200, "3": 300, "4": 400}
    assert shop.read == ["data/orders_07.csv"]
    assert {name: moment for name, moment in shop.kept().items() if name in before} == before
    assert len(shop.kept()) == 3
    shop.prepared()
    assert shop.said == []


def test_a_file_that_changes_is_read_again_and_its_old_rows_are_forgotten(shop: Shop) -> None:
    shop.prepared()
    before = shop.kept()
    shop.write({"orders_05.csv": MAY.replace("100", "150")})
    assert amounts(shop.prepared()) == {"1": 150, "2": 200, "3": 300}
    assert shop.read == ["data/orders_05.csv"]
    assert len(shop.kept()) == 2 and len(set(shop.kept()) & set(before)) == 1


def test_a_file_that_goes_takes_its_rows_with_it(shop: Shop) -> None:
    shop.prepared()
    (shop.folder / "data" / "orders_05.csv").unlink()
    assert amounts(shop.prepared()) == {"3": 300}
    assert shop.read == []
    assert len(shop.kept()) == 1


def test_a_file_of_another_name_is_not_read_again_but_tells_its_new_name(shop: Shop) -> None:
    shop.prepared()
    (shop.folder / "data" / "orders_05.csv").rename(shop.folder / "data" / "orders_04.csv")
    found = shop.prepared()
    assert shop.read == []
    assert {row["order_id"]: row["file"] for row in found.table("lines")} == {
        "1": "data/orders_04.csv",
        "2": "data/orders_04.csv",
        "3": "data/orders_06.csv",
    }
    assert [each["file"] for each in found.account["tables"]["orders"]["files"]] == [
        "data/orders_04.csv",
        "data/orders_06.csv",
    ]


def test_a_lone_file_of_another_name_tells_its_new_name_too(make_client: Callable[..., Path]) -> None:
    shop = Shop(make_client({"orders_a.csv": content("1,c,2026-05-01,100,,,", "2,c,2026-05-01,高い,,,")}, TABLES))
    shop.prepared()
    (shop.folder / "data" / "orders_a.csv").rename(shop.folder / "data" / "orders_b.csv")
    found = shop.prepared()
    assert shop.read == []
    assert {row["file"] for row in found.table("lines")} == {"data/orders_b.csv"}
    assert [(each["file"], each["row"], each["value"]) for each in found.rejected] == [("data/orders_b.csv", 3, "高い")]


def test_a_mapping_that_changes_reads_its_own_files_only(shop: Shop) -> None:
    own = "title: own\ntables: {orders: {columns: {order_id: [n], customer_id: [c], ordered_at: [d], amount: [a]}}}"
    (shop.folder / "mappings").mkdir()
    (shop.folder / "mappings" / "own.yaml").write_text(own, encoding="utf-8")
    shop.write({"orders_x.csv": "n,c,d,a\n9,c,2026-05-09,900\n"})
    shop.prepared()
    (shop.folder / "mappings" / "own.yaml").write_text(own.replace("[a]", "[a, b]"), encoding="utf-8")
    assert amounts(shop.prepared()) == {"1": 100, "2": 200, "3": 300, "9": 900}
    assert shop.read == ["data/orders_x.csv"]


def test_a_setting_that_is_about_no_file_reads_none(shop: Shop) -> None:
    before = shop.prepared().table("lines")
    settings = (shop.folder / "client.yaml").read_text(encoding="utf-8")
    (shop.folder / "client.yaml").write_text(f"{settings}dormant_days: 90\nlink: [mail]\n", encoding="utf-8")
    assert shop.prepared().table("lines") == before
    assert shop.read == []


def test_a_broken_new_file_leaves_the_others_read(shop: Shop) -> None:
    shop.write({"orders_07.csv": f'{HEADER}\n4,d,2026-07-01,"400\n'})
    with pytest.raises(InputError):
        shop.prepared()
    assert shop.read == ["data/orders_05.csv", "data/orders_06.csv", "data/orders_07.csv"]
    shop.write({"orders_07.csv": JULY})
    assert amounts(shop.prepared()) == {"1": 100, "2": 200, "3": 300, "4": 400}
    assert shop.read == ["data/orders_07.csv"]


# ---- the same orders told anew


def told(prepare: Callable[..., Prepared], old: str, new: str) -> Prepared:
    return prepare({"orders_1.csv": old, "orders_2.csv": new}, TABLES)


def sums(found: Prepared) -> dict[str, tuple[int, int]]:
    return {row["order_id"]: (int(row["amount"]), row["line_count"]) for row in found.table("orders")}


def test_the_newest_status_of_an_order_holds(prepare: Callable[..., Prepared]) -> None:
    old = content(
        "1,c,2026-05-01,100,P1,本,発送済", "2,c,2026-05-02,100,P1,本,発送済", "3,c,2026-05-03,100,P1,本,キャンセル"
    )
    new = content(
        "1,c,2026-05-01,100,P1,本,キャンセル", "2,c,2026-05-02,100,P1,本,返品", "3,c,2026-05-03,100,P1,本,発送済"
    )
    found = told(prepare, old, new)
    assert sums(found) == {"3": (100, 1)}
    assert found.counts() == {"accepted": 1, "cancelled_or_returned": 2, "duplicate": 3}


def test_a_line_that_the_newer_file_has_dropped_is_gone(prepare: Callable[..., Prepared]) -> None:
    old = content("1,c,2026-05-01,100,P1,本,", "1,c,2026-05-01,50,P2,紙,", "1,c,2026-05-01,50,P2,紙,キャンセル")
    new = content("1,c,2026-05-01,120,P1,本,")
    assert sums(told(prepare, old, new)) == {"1": (120, 1)}


def test_a_line_that_the_newer_file_adds_is_there(prepare: Callable[..., Prepared]) -> None:
    old, new = content("1,c,2026-05-01,100,P1,本,"), content("1,c,2026-05-01,100,P1,本,", "1,c,2026-05-01,30,P3,筆,")
    assert sums(told(prepare, old, new)) == {"1": (130, 2)}


def test_a_product_under_a_new_name_is_still_the_same_line(prepare: Callable[..., Prepared]) -> None:
    old = content("1,c,2026-05-01,100,P1,本,", "2,c,2026-05-01,70,P1,本(青),", "2,c,2026-05-01,80,P1,本(赤),")
    new = content("1,c,2026-05-01,100,P1,本(新装版),", "2,c,2026-05-01,70,P1,本 青,", "2,c,2026-05-01,80,P1,本 赤,")
    found = told(prepare, old, new)
    assert sums(found) == {"1": (100, 1), "2": (150, 2)}
    assert {row["product_name"] for row in found.table("lines") if row["outcome"] == "accepted"} == {
        "本(新装版)",
        "本 青",
        "本 赤",
    }


def test_an_order_whose_lines_stand_in_two_files_keeps_both_parts(prepare: Callable[..., Prepared]) -> None:
    old, new = content("1,c,2026-05-01,100,P1,本,"), content("1,c,2026-05-01,50,P2,紙,")
    found = told(prepare, old, new)
    assert sums(found) == {"1": (150, 2)}
    assert found.account["notes"] == []


def test_a_whole_history_told_three_times_counts_once(prepare: Callable[..., Prepared]) -> None:
    rows = [
        f"{number},c{number % 7},2026-05-{number % 28 + 1:02},{number},P{number % 5},本," for number in range(1, 60)
    ]
    files = {f"orders_{count}.csv": content(*rows[: count * 20]) for count in (1, 2, 3)}
    found = prepare(files, TABLES)
    assert sums(found) == {str(number): (number, 1) for number in range(1, 60)}
    assert found.counts() == {"accepted": 59, "duplicate": 60}


def test_ten_comes_after_nine(prepare: Callable[..., Prepared]) -> None:
    files = {f"orders ({number}).csv": content(f"1,c,2026-05-01,{number},P1,本,") for number in (2, 9, 10)}
    assert sums(prepare(files, TABLES)) == {"1": (10, 1)}


def test_the_account_of_a_second_import_is_that_of_a_first_one(shop: Shop, prepare: Callable[..., Prepared]) -> None:
    shop.prepared()
    shop.write({"orders_07.csv": JULY})
    files = {"orders_05.csv": MAY, "orders_06.csv": JUNE, "orders_07.csv": JULY}
    fresh = prepare(files, TABLES, name="fresh")
    again = shop.prepared()
    assert json.dumps(again.account, sort_keys=True) == json.dumps(fresh.account, sort_keys=True)
    assert again.table("lines") == fresh.table("lines")


def test_a_customer_keeps_what_only_an_older_file_tells(make_client: Callable[..., Path]) -> None:
    files = {
        "orders_05.csv": MAY,
        "members_1.csv": "customer_id,registered_at,gender,email_ok\nc,2026-04-01,女性,1\n",
        "members_2.csv": "customer_id,gender,email_ok,line_ok\nc,,0,1\n",
    }
    tables = f"{TABLES}\n  customers: [{{files: data/members*}}]"
    found = Prepared(folder := make_client(files, tables), cache.prepared(client.find(str(folder))))
    (known,) = [row for row in found.table("customers") if row["outcome"] == "accepted"]
    assert (known["registered_at"].isoformat(), known["gender"], known["email_ok"], known["line_ok"]) == (
        *("2026-04-01T00:00:00", "女性"),
        *(False, True),
    )
    assert found.counts("customers") == {"accepted": 1, "duplicate": 1}


def test_an_id_that_a_spreadsheet_wrapped_is_the_same_id(make_client: Callable[..., Path]) -> None:
    wrapped = MAY.replace("\n1,c", '\n"=""1""","=""c"""')
    found = Prepared(
        folder := make_client({"orders_1.csv": MAY, "orders_2.csv": wrapped}, TABLES),
        cache.prepared(client.find(str(folder))),
    )
    assert [(row["order_id"], row["customer_id"], row["amount"]) for row in found.table("orders")] == [
        ("1", "c", 100),
        ("2", "d", 200),
    ]

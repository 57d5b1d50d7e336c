"""Which system wrote a file is told by its headings; strangers are told, and what cannot be orders is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import FILES, Prepared

from horetsu_utils import assets, cache, client
from horetsu_utils.errors import InputError
from horetsu_utils.ingest import identity, mapping
from horetsu_utils.ingest.mapping import Mapping
from horetsu_utils.ingest.recognise import Fit, Near, nearest, recognise, told

KNOWN = {
    "cart": """
title: 見本カート
tables:
  orders:
    known_by: [受注No, 受注時刻, 税込額]
    columns: {order_id: [受注No], ordered_at: [受注時刻], amount: [税込額], product_name: [品]}
    person: {mail: [買主メール], phone: [買主電話], name: [[買主姓, 買主名]]}
    customer_key: [{columns: [買主番号]}, {kind: mail}, {kind: name_and_phone}]
""",
    "cart_plus": """
title: 見本カート(定期つき)
tables:
  orders:
    known_by: [受注No, 受注時刻, 税込額, 定期回数]
    columns: {order_id: [受注No], ordered_at: [受注時刻], amount: [税込額]}
    person: {mail: [買主メール]}
    customer_key: [{kind: mail}]
""",
    "twin": """
title: 見本カート(別の読み方)
tables:
  orders:
    known_by: [受注No, 受注時刻, 税込額]
    columns: {order_id: [受注No], ordered_at: [受注時刻], amount: [税込額]}
    person: {mail: [買主メール]}
    customer_key: [{kind: mail}]
""",
    "pair": """
title: 見本モール
tables:
  orders:
    join: {by: 控え番号, known_by: [控え日時, 控えメール], lines_known_by: [控え番号, 控え品, 控え額]}
    columns: {order_id: [控え番号], ordered_at: [控え日時], amount: [控え額]}
    person: {mail: [控えメール]}
    customer_key: [{kind: mail}]
""",
    "plain": """
title: 見本の標準
tables:
  orders:
    columns: {order_id: [order_id, 注文番号], customer_id: [customer_id], ordered_at: [ordered_at], amount: [amount]}
  story:
    columns: {customer_id: [customer_id], date: [date], change_score: [change_score], emotion: [emotion]}
""",
}
CART = "受注No,受注時刻,税込額,品,買主番号,買主メール"
PLAIN = "order_id,customer_id,ordered_at,amount"


def known(folder: Path, *names: str) -> dict[str, Mapping]:
    for name in names or KNOWN:
        (folder / f"{name}.yaml").write_text(KNOWN[name], encoding="utf-8")
    return {path.stem: mapping.load(path) for path in sorted(folder.glob("*.yaml"))}


def fit(folder: Path, *rows: str, names: tuple[str, ...] = (), table: str = "") -> Fit | None:
    return recognise([tuple(row.split(",")) for row in rows], known(folder, *names), table)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (CART, Fit("cart", ("orders",))),
        (f"{CART},定期回数", Fit("cart_plus", ("orders",))),
        ("受注No,受注時刻,税込額,買主メール", Fit("cart", ("orders",))),
        ("税込額, 受注 No ,買主メール,受注時刻", Fit("cart", ("orders",))),
        ("受注Ｎｏ,受注時刻,税込額,買主姓,買主名,買主電話", Fit("cart", ("orders",))),
        ("受注No,受注時刻,税込額,買主姓,買主名", None),  # a name alone tells nobody
        ("受注No,受注時刻,税込額", None),
        ("受注No,受注時刻,買主メール", None),
        (PLAIN, Fit("plain", ("orders",))),
        ("注文番号,customer_id,ordered_at,amount,x", Fit("plain", ("orders",))),
        ("customer_id,date,change_score,emotion", Fit("plain", ("story",))),
        (f"{CART},{PLAIN}", Fit("cart", ("orders",))),  # what is known by its own headings goes first
        ("控え番号,控え品,控え額", Fit("pair", ("orders",))),
        ("控え番号,控え日時,控えメール", Fit("pair", ("orders",), is_partner=True)),
        ("控え番号,控え日時,控えメール,控え品,控え額", Fit("pair", ("orders",))),  # both in one file: lines
        ("", None),
        (",,,", None),
    ],
)
def test_a_file_goes_to_the_mapping_that_its_headings_speak_for(tmp_path: Path, header: str, expected: Fit) -> None:
    names = ("cart", "cart_plus", "pair", "plain")
    assert fit(tmp_path, header, names=names) == expected


def test_of_two_mappings_that_know_a_file_the_one_that_reads_more_of_it_takes_it(tmp_path: Path) -> None:
    assert fit(tmp_path, CART, names=("twin", "cart")) == Fit("cart", ("orders",))
    assert fit(tmp_path, f"{CART},定期回数") == Fit("cart_plus", ("orders",))  # known by one heading more


def test_only_the_table_that_is_wanted_is_looked_for(tmp_path: Path) -> None:
    both = f"{PLAIN},date,change_score,emotion"
    assert fit(tmp_path, both, table="story") == Fit("plain", ("story",))
    assert fit(tmp_path, both, table="orders") == Fit("plain", ("orders",))
    assert fit(tmp_path, CART, table="story") is None


def test_the_header_may_stand_below_a_title(tmp_path: Path) -> None:
    assert fit(tmp_path, "受注一覧", "", "出力日,2026-06-30", CART, "1,2026-06-01,500,石けん,7,") == Fit(
        "cart", ("orders",)
    )


def test_the_nearest_three_tell_what_they_lack_and_what_looks_like_it(tmp_path: Path) -> None:
    rows = [("受注No", "受注時間", "税込", "買主メール"), ("1", "2026-06-01", "500", "a@example.jp")]
    found = nearest(rows, known(tmp_path))
    assert found == [
        Near("cart", "見本カート", ("受注時刻", "税込額"), ("受注時間", "税込")),
        Near("twin", "見本カート(別の読み方)", ("受注時刻", "税込額"), ("受注時間", "税込")),
        Near("cart_plus", "見本カート(定期つき)", ("受注時刻", "税込額", "定期回数"), ("受注時間", "税込", "")),
    ]
    assert told(found[0]) == (
        "見本カート(cart): 見出し「受注時刻」(「受注時間」に似ています)「税込額」(「税込」に似ています)がありません"
    )


def test_a_mapping_that_lacks_one_of_four_columns_comes_before_one_that_lacks_all(tmp_path: Path) -> None:
    found = nearest([("order_id", "ordered_at", "amount", "お客様")], known(tmp_path))
    assert found[0] == Near("plain", "見本の標準", ("customer_id",), ("",))
    assert len(found) == 3


def test_many_headings_that_are_lacking_are_counted() -> None:
    words = tuple(f"見出し{number}" for number in range(6))
    assert told(Near("x", "見本", words, ("",) * 6)) == (
        "見本(x): 見出し「見出し0」「見出し1」「見出し2」「見出し3」ほか2個がありません"
    )


# ---- a folder without `tables` in client.yaml

Auto = Callable[..., Prepared]


@pytest.fixture
def auto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Auto:
    """Return a function that prepares a client whose settings name no file; only the mappings above are known."""
    (tmp_path / "mappings").mkdir()

    def run(files: dict[str, str | bytes], *names: str, tables: str = "") -> Prepared:
        known(tmp_path / "mappings", *(names or KNOWN))
        monkeypatch.setattr(assets, "MAPPINGS", tmp_path / "mappings")
        folder = tmp_path / "clients" / "shop"
        (folder / "data").mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (folder / "data" / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / "data" / file).write_bytes(content.encode() if isinstance(content, str) else content)
        (folder / "client.yaml").write_text(f"name: 見本の店\n{tables}", encoding="utf-8")
        return Prepared(folder, cache.prepared(client.find(str(folder))))

    return run


def cart(*rows: str) -> str:
    return "\n".join([CART, *rows])


def test_every_file_of_a_folder_is_read_by_its_own_mapping_and_strangers_are_told(auto: Auto) -> None:
    files = {
        "a.csv": cart("1,2026-06-01,500,石けん,7,"),
        "2026/b.tsv": cart("2,2026-06-02,600,石けん,8,").replace(",", "\t"),
        "c.csv": f"{PLAIN}\n3,c,2026-06-03,700\n",
        "story.csv": "customer_id,date,change_score,emotion\nc,2026-06-01,3,良い\n",
        "d.csv": "受注No,受注時間,買主メール\n1,2026-06-01,a@example.jp\n",
        "e.pdf": b"%PDF-1.7",
        "f.csv": b"",
        "g.csv.gz": b"no gzip",
        ".hidden.csv": cart("9,2026-06-01,500,石けん,7,"),
        "~$a.xlsx": b"lock",
    }
    found = auto(files, "cart", "plain")
    assert [(row["order_id"], row["file"], row["customer_id"]) for row in found.table("lines")] == [
        ("2", "data/2026/b.tsv", "cart:8"),
        ("1", "data/a.csv", "cart:7"),
        ("3", "data/c.csv", "plain:c"),
    ]
    assert [row["file"] for row in found.table("story")] == ["data/story.csv"]
    assert {each["file"]: each["reasons"] for each in found.account["strangers"]} == {
        "data/d.csv": [
            "見本カート(cart): 見出し「受注時刻」(「受注時間」に似ています)「税込額」がありません",
            "見本の標準(plain): 見出し「order_id」「customer_id」「ordered_at」「amount」がありません",
        ],
        "data/e.pdf": ["読めるのは CSV・TSV(.gz も可)・Excel(.xlsx)・Parquet です。"],
        "data/f.csv": ["ファイルが空です。"],
        "data/g.csv.gz": ["圧縮ファイルが途中で切れているか、壊れています。"],
    }


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
def test_a_title_above_the_header_hides_no_delimiter(auto: Auto, delimiter: str, encoding: str) -> None:
    content = f"受注一覧\n\n{cart('1,2026-06-01,500,石けん,7,', '2,2026-06-02,500,石けん,7,').replace(',', delimiter)}"
    found = auto({"a.csv": content.encode(encoding)}, "cart")
    assert [(row["_row"], row["order_id"], row["amount"]) for row in found.table("lines")] == [
        (4, "1", 500),
        (5, "2", 500),
    ]
    assert found.rejected == []


LACKING = """どのシステムの書き出しか、見出しから分かりません。
{lines}
場所: data フォルダ
次に: horetsu map ファイル で、対応表のひな形を作れます。\
書き出し方を変えられるなら、上の見出しを足して書き出し直してください。"""


def test_a_folder_of_strangers_only_is_refused_with_all_of_them(auto: Auto) -> None:
    with pytest.raises(InputError) as error:
        auto({"a.csv": "受注No,買主メール\n1,a@example.jp\n", "b.csv": "x\n1\n"}, "cart")
    assert str(error.value) == LACKING.format(
        lines="・data/a.csv\n   近いもの: 見本カート(cart): 見出し「受注時刻」「税込額」がありません\n"
        "・data/b.csv\n   近いもの: 見本カート(cart): 見出し「受注No」「受注時刻」「税込額」「買主番号」がありません"
    )


def test_a_named_file_that_nothing_reads_is_refused_for_its_table(auto: Auto) -> None:
    with pytest.raises(InputError) as error:
        auto(
            {"a.csv": "受注No,買主メール\n1,a@example.jp\n"},
            "cart",
            "plain",
            tables="tables: {story: [{files: data/*}]}",
        )
    assert str(error.value) == LACKING.format(
        lines="・data/a.csv\n   近いもの: 見本の標準(plain): "
        "見出し「customer_id」「date」「change_score」「emotion」がありません"
    )


# ---- a content that contradicts


def many(count: int, *, shared: int = 0, zero: int = 0) -> str:
    """Orders of which some belong to two customers each, and some are worth nothing."""
    rows = [f"{number},2026-06-01,{0 if number < zero else 500},石けん,{number}," for number in range(count)]
    return cart(*rows, *(f"{number},2026-06-01,500,化粧水,x{number}," for number in range(shared)))


def refusal(what: str, place: str) -> str:
    return (
        f"注文の書き出しとして読みましたが、{what}。別の種類のファイルか、対応表が合っていません。\n場所: {place}\n"
        "次に: client.yaml の tables に、このファイルを読む対応表(mapping)を書いてください。"
        "合う対応表が無ければ、horetsu map でひな形を作れます。"
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (many(20, zero=20), "金額が、20 行すべて 0 です"),
        (many(20, shared=5), "注文番号 20 個のうち 5 個が、複数のお客様に付いています"),
        (many(1200, shared=1200), "注文番号 1,200 個のうち 1,200 個が、複数のお客様に付いています"),
    ],
    ids=["zero", "shared", "all"],
)
def test_orders_whose_content_contradicts_are_refused(tmp_path: Path, auto: Auto, content: str, what: str) -> None:
    with pytest.raises(InputError) as error:
        auto({"a.csv": content}, "cart")
    assert str(error.value) == refusal(what, "data/a.csv(cart)")
    assert not list((tmp_path / "clients" / "shop" / ".cache").glob("*/account.json"))


@pytest.mark.parametrize(
    "content",
    [many(19, zero=19), many(19, shared=19), many(20, zero=19), many(20, shared=4)],
    ids=["few zeros", "few shared", "one amount", "a fifth shared"],
)
def test_a_few_orders_contradict_nothing(auto: Auto, content: str) -> None:
    found = auto({"a.csv": content}, "cart")
    assert found.counts() == {"accepted": content.count("\n")}


def test_only_the_file_that_contradicts_is_blamed(auto: Auto) -> None:
    good = "\n".join([PLAIN, *(f"{number},c,2026-06-01,100" for number in range(30))])
    with pytest.raises(InputError) as error:
        auto({"good.csv": good, "zero.csv": many(25, zero=25)}, "cart", "plain")
    assert str(error.value) == refusal("金額が、25 行すべて 0 です", "data/zero.csv(cart)")


# ---- customer numbers of two systems

EC_CUBE = {
    "order.csv": (FILES / "ec_cube4_orders.csv").read_bytes(),
    "member.csv": (FILES / "ec_cube4_members.csv").read_bytes(),
}
EC_TABLES = (
    "  orders: [{files: data/order*, mapping: ec_cube4}, {files: data/second*, mapping: second}]\n"
    "  customers: [{files: data/member*, mapping: ec_cube4}]"
)


def test_the_same_number_in_two_systems_is_two_customers(prepare: Callable[..., Prepared]) -> None:
    second = cart("1,2026-06-01,500,石けん,11,", "2,2026-06-02,500,石けん,,GUEST@example.jp")
    found = prepare(EC_CUBE | {"second.csv": second}, EC_TABLES, second=KNOWN["cart"])
    guest = found.key(identity.MAIL, "guest@example.jp")
    customers = {(row["origin"], row["customer_id"]) for row in found.table("lines")}
    assert customers == {
        ("ec_cube4", "ec_cube4:11"),
        ("ec_cube4", "ec_cube4:12"),
        ("ec_cube4", guest),
        ("second", "second:11"),
        ("second", guest),  # an address is the same person everywhere
    }
    assert [row["customer_id"] for row in found.table("customers")] == ["ec_cube4:11", "ec_cube4:12", "ec_cube4:13"]


def test_a_second_system_that_knows_its_customers_by_mail_leaves_the_numbers_alone(
    prepare: Callable[..., Prepared],
) -> None:
    second = cart("1,2026-06-01,500,石けん,11,guest@example.jp")
    found = prepare(EC_CUBE | {"second.csv": second}, EC_TABLES, second=KNOWN["twin"])
    guest = found.key(identity.MAIL, "guest@example.jp")
    assert {row["customer_id"] for row in found.table("lines")} == {"11", "12", guest}
    assert [row["customer_id"] for row in found.table("customers")] == ["11", "12", "13"]


def test_the_name_of_a_shop_in_the_settings_goes_before_that_of_its_system(prepare: Callable[..., Prepared]) -> None:
    tables = "  orders: [{files: data/a*, mapping: cart, shop: 東店}, {files: data/b*, mapping: cart, shop: 西店}]"
    files = {name: cart("1,2026-06-01,500,石けん,7,") for name in ("a.csv", "b.csv")}
    found = prepare(files, tables, cart=KNOWN["cart"])
    assert [(row["origin"], row["customer_id"], row["outcome"]) for row in found.table("lines")] == [
        ("東店", "東店:7", "accepted"),
        ("西店", "西店:7", "accepted"),
    ]

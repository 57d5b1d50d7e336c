"""Who the person is: one key for every spelling, another key in every shop, and nothing of the person in the cache."""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import FILES

from horetsu_utils.ingest import identity
from horetsu_utils.ingest.identity import Hasher

PEOPLE = """
title: people
tables:
  orders:
    known_by: [受注, 額, 連絡先]
    columns: {order_id: [受注], ordered_at: [日], amount: [額]}
    person: {mail: [連絡先], phone: [[市外, 市内, 番号], 電話], name: [[姓, 名], 氏名]}
    customer_key: [{columns: [会員], empty: ["0"]}, {kind: mail}, {kind: name_and_phone}, {kind: phone}]
"""
TABLES = "  orders: [{files: data/*.csv, mapping: people}]"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Hanako@Example.JP", "hanako@example.jp"),
        ("\u3000ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ ", "hanako@example.jp"),
        ("'hanako@example.jp", "hanako@example.jp"),
        ("hanako+sub@example.jp", "hanako+sub@example.jp"),
        ("花子@example.jp", "花子@example.jp"),
        ("", ""),
        ("-", ""),
        ("なし", ""),
        ("hanako", ""),
        ("hanako@example", ""),
        ("@example.jp", ""),
        ("hanako@@example.jp", ""),
        ("hana ko@example.jp", ""),
        ("hanako@example.jp,taro@example.jp", ""),
    ],
)
def test_a_mail_address_is_folded_and_anything_else_is_none(written: str, folded: str) -> None:
    assert identity.mail(written) == folded


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("090-0000-1234", "09000001234"),
        ("０９０－００００－１２３４", "09000001234"),
        ("(090) 0000 1234", "09000001234"),
        ("090ー0000ー1234", "09000001234"),
        ("'09000001234", "09000001234"),
        ("090-0000-1234(携帯)", "09000001234"),
        ("+81 90-0000-1234", "09000001234"),
        ("+81 (0)90-0000-1234", "09000001234"),
        ("819000001234", "09000001234"),
        ("9000001234", "09000001234"),  # a spreadsheet has taken it for a number
        ("9000001234.0", "09000001234"),
        ("300001234", "0300001234"),
        ("03-0000-1234", "0300001234"),
        ("8100001234", "08100001234"),  # too short for a number abroad
        ("12125550100", "12125550100"),
        ("9.00000E+09", ""),
        ("", ""),
        ("なし", ""),
        ("110", ""),
        ("000-0000-0000", ""),
        ("090-0000-1234 / 03-0000-5678", ""),
    ],
)
def test_a_phone_number_is_folded_to_its_digits_at_home(written: str, folded: str) -> None:
    assert identity.phone(written) == folded


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("見本　花子", "見本花子"),
        (" 見 本\t花子 ", "見本花子"),
        ("ﾐﾎﾝ ﾀﾞｲｽｹ", "みほんだいすけ"),
        ("ミホン ダイスケ", "みほんだいすけ"),
        ("みほん だいすけ", "みほんだいすけ"),
        ("ＴＡＲＯ ＭＩＨＯＮ", "taromihon"),
        ("髙橋", "髙橋"),  # another letter than 高: two families may differ in it
        ("", ""),
    ],
)
def test_a_name_is_folded_over_width_kana_spaces_and_case(written: str, folded: str) -> None:
    assert identity.name(written) == folded


def test_a_name_and_a_number_need_each_other() -> None:
    assert identity.name_and_phone("ﾐﾎﾝ ﾊﾅｺ\n90-0000-1234") == "みほんはなこ\n09000001234"
    assert identity.name_and_phone("見本花子\n") == identity.name_and_phone("\n09000001234") == ""


def test_a_hasher_that_forgets_gives_the_same_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "_MOST_REMEMBERED", 3)
    hasher = Hasher(b"s" * 32, "mail:", identity.mail)
    mails = [f"{number}@example.jp" for number in range(10)]
    first = [hasher(each) for each in mails]
    assert [hasher(each.upper()) for each in mails] == first
    assert len(set(first)) == 10
    assert all(key is not None and len(key) == len("mail:") + 24 for key in first)
    assert [hasher(each) for each in ("", "なし")] == [None, None]


def orders(*people: dict[str, str]) -> str:
    names = ["受注", "日", "額", "会員", "連絡先", "市外", "市内", "番号", "姓", "名"]
    rows = [{"受注": str(place), "日": "2026-06-01", "額": "100"} | each for place, each in enumerate(people, start=1)]
    return "\n".join([",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)])


def keys(found: object) -> list[str | None]:
    return [row["customer_id"] for row in found.table("lines")]  # type: ignore[attr-defined]


NUMBER = {"市外": "090", "市内": "0000", "番号": "1234"}


def test_the_first_way_that_tells_the_customer_is_taken(prepare: Callable) -> None:
    content = orders(
        {"会員": "7", "連絡先": "a@example.jp", "姓": "見本", "名": "花子"} | NUMBER,
        {"会員": "0", "連絡先": "a@example.jp", "姓": "見本", "名": "花子"} | NUMBER,
        {"連絡先": "なし", "姓": "見本", "名": "花子"} | NUMBER,
        NUMBER,
        {"姓": "見本", "名": "花子"},
        {},
    )
    found = prepare({"a.csv": content}, TABLES, people=PEOPLE)
    assert keys(found) == [
        "7",
        found.key(identity.MAIL, "a@example.jp"),
        found.key(identity.PERSON, "見本花子\n09000001234"),
        found.key(identity.PHONE, "09000001234"),
        None,
        None,
    ]
    assert found.counts() == {"accepted": 4, "no_customer": 2}


def test_one_person_in_every_spelling_has_one_key(prepare: Callable) -> None:
    wide = {"市外": "０９０", "市内": "００００", "番号": "１２３４"}
    names = [
        ("ﾐﾎﾝ", "ﾀﾞｲｽｹ"),
        ("みほん", "だいすけ"),
        ("ミホン", "ダイスケ"),
        ("ミホン　ダイ", "スケ"),
        ("", "みほんだいすけ"),
    ]
    people = [{"姓": last, "名": first} | number for last, first in names for number in (NUMBER, wide)]
    mails = [{"連絡先": each} for each in ("A@example.jp", "ａ＠ｅｘａｍｐｌｅ．ｊｐ", " a@EXAMPLE.jp ")]
    found = prepare({"a.csv": orders(*people, *mails)}, TABLES, people=PEOPLE)
    told = keys(found)
    assert set(told[: len(people)]) == {found.key(identity.PERSON, "みほんだいすけ\n09000001234")}
    assert set(told[len(people) :]) == {found.key(identity.MAIL, "a@example.jp")}


def test_two_people_have_two_keys(prepare: Callable) -> None:
    people = [
        {"姓": "見本", "名": name} | NUMBER | {"番号": last} for name in ("花子", "華子") for last in ("1234", "1235")
    ]
    found = prepare({"a.csv": orders(*people)}, TABLES, people=PEOPLE)
    assert len(set(keys(found))) == 4


def test_the_same_person_has_another_key_in_another_shop(prepare: Callable) -> None:
    content = orders({"連絡先": "a@example.jp"}, {"姓": "見本", "名": "花子"} | NUMBER, NUMBER)
    one, two = (prepare({"a.csv": content}, TABLES, people=PEOPLE, name=name) for name in ("one", "two"))
    assert not set(keys(one)) & set(keys(two))
    again = prepare({"b.csv": content}, TABLES, people=PEOPLE, name="one")
    assert set(keys(again)) == set(keys(one))


# ---- nothing of the person is kept

MAIL, PHONE, NAME = "himitsu.hanako@example.jp", "090-0000-9876", "秘密野花子"
KANA = "ヒミツノハナコ"


def traces(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every text that a cache holds: each file's bytes in several encodings, each cell of its Parquet files."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        content = path.read_bytes()
        yield str(path), str(path)
        for encoding in ("utf-8", "cp932", "utf-16-le", "utf-16-be"):
            yield str(path), content.decode(encoding, errors="replace")
        if path.suffix == ".parquet":
            yield str(path), repr(pq.read_table(path).to_pylist())
            yield str(path), repr(pq.read_metadata(path).metadata)
        if zipfile.is_zipfile(path):
            yield str(path), repr([zipfile.ZipFile(path).read(name) for name in zipfile.ZipFile(path).namelist()])


def secrets() -> tuple[str, ...]:
    numbers = [PHONE, PHONE.replace("-", ""), PHONE.replace("-", "")[1:]]
    return (MAIL, MAIL.upper(), MAIL.split("@")[0], NAME, KANA, identity.name(KANA), *numbers)


def planted(header: list[str], known: dict[str, str], rows: int = 3) -> str:
    """A file whose every column but the known ones names the person, in turn by mail, phone, name and kana."""
    lines = []
    for number in range(rows):
        marks = [
            (MAIL, PHONE, NAME, KANA, f"{NAME} {MAIL} {PHONE}")[(place + number) % 5] for place in range(len(header))
        ]
        cells = dict(zip(header, marks, strict=True)) | {name: text.format(number) for name, text in known.items()}
        lines.append(",".join(f'"{cells[name]}"' for name in header))
    return "\n".join([",".join(header), *lines])


SHOPIFY = {
    "Name": "#{}",
    "Email": MAIL,
    "Phone": PHONE,
    "Billing Name": NAME,
    "Financial Status": "paid",
    "Created at": "2026-06-1{} 09:00:00 +0900",
    "Lineitem name": "化粧水{}",
    "Lineitem sku": "S-{}",
    "Lineitem quantity": "1",
    "Lineitem price": "500",
    "Subtotal": "500",
    "Source": "web",
} | dict.fromkeys(["Paid at", "Cancelled at", "Refunded Amount", "Discount Amount", "Lineitem discount"], "")
EC_CUBE = {
    "注文番号": "{}",
    "注文ID": "{}",
    "メールアドレス": MAIL,
    "TEL": PHONE,
    "お名前(姓)": NAME,
    "受注日": "2026-06-1{} 09:00:00",
    "商品名": "化粧水{}",
    "商品コード": "S-{}",
    "商品ID": "{}",
    "価格": "500",
    "個数": "1",
    "対応状況(ID)": "5",
    "対応状況(名称)": "発送済み",
    "明細区分(ID)": "1",
    "明細区分(名称)": "商品",
    "会員ID": "",
}


def header_of(file: str, encoding: str) -> list[str]:
    return (FILES / file).read_bytes().decode(encoding).splitlines()[0].split(",")


@pytest.mark.parametrize(
    ("file", "encoding", "known", "link"),
    [
        ("shopify_orders.csv", "utf-8", SHOPIFY, ""),
        ("ec_cube4_orders.csv", "cp932", EC_CUBE, "link: [mail, phone]"),
    ],
    ids=["shopify", "ec_cube"],
)
def test_no_mail_phone_or_name_is_anywhere_in_the_cache(
    prepare: Callable, file: str, encoding: str, known: dict[str, str], link: str
) -> None:
    header = header_of(file, encoding)
    assert set(known) <= set(header)
    content = planted(header, known).encode(encoding)
    mapping = file.partition("_orders")[0]
    found = prepare({"a.csv": content}, f"  orders: [{{files: data/*, mapping: {mapping}}}]", settings=link)
    assert found.counts() == {"accepted": 3}
    assert set(keys(found)) == {found.key(identity.MAIL, MAIL)}
    kept = list(traces(found.client / ".cache"))
    assert len({path for path, _ in kept}) >= 6
    assert [(path, secret) for path, text in kept for secret in secrets() if secret in text] == []
    assert any("化粧水1" in text for _, text in kept)  # what is kept can be found this way
    assert {MAIL, PHONE, NAME} <= {
        known[name] for name in found.account["tables"]["orders"]["files"][0]["personal"] if name in known
    }


def test_a_customer_number_that_is_an_address_is_no_longer_readable(prepare) -> None:
    content = "order_id,customer_id,ordered_at,amount\n1,Hanako@Example.jp,2026-06-01,100\n2,12,2026-06-01,100\n"
    found = prepare({"a.csv": content})
    known = found.key(identity.MAIL, "hanako@example.jp")
    assert [row["customer_id"] for row in found.table("lines")] == [known, "12"]

"""Prepared tables at an address: whole or not at all, each client's its own, the same figures from there."""

import errno
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pandas as pd
import pytest
from broken_store import PLENTY, Broken
from fsspec.core import url_to_fs

from horetsu_utils import addresses, cache, client, engine, stored
from horetsu_utils.addresses import AddressError
from horetsu_utils.client import Client
from horetsu_utils.errors import ConfigError
from horetsu_utils.shop import Shop

Make = Callable[..., Path]
TABLES = "  orders:\n    - files: data/orders*.csv\n      mapping: generic"
ORDERS = """注文番号,顧客番号,注文日時,金額,状態
A1,C1,2024-04-01,5480,
A2,C2,2025-04-02,3000,
A3,C1,2026-05-01,5480,
A4,C9,2026-05-03,1000,取消
A5,C3,いつか,1000,
A6,,2026-05-04,2000,
"""


@pytest.fixture
def shop(make_client: Make) -> Callable[..., Client]:
    def made(store: str, name: str = "shop", orders: str = ORDERS) -> Client:
        return client.find(str(make_client({"orders.csv": orders}, TABLES, f"store: {store}" if store else "", name)))

    return made


def opened(found: Client) -> Shop:
    return Shop.of(found, cache.prepared(found), as_of="2026-06-30")


def told(tables: Mapping[str, ir.Table]) -> dict[str, Any]:
    """Return every table's columns, kinds and rows."""
    found = {name: table.to_pyarrow() for name, table in tables.items()}
    return {name: (str(each.schema), sorted(map(repr, each.to_pylist()))) for name, each in found.items()}


def kept(opened: Shop) -> dict[str, Any]:
    """Return what the analyses look at, as this machine has it."""
    tables = cache.read_tables(engine.connect(), opened.client.cache / opened.fingerprint)
    used = {"accepted", "no_customer", "cancelled_or_returned"}
    return told({name: t.filter(t.outcome.isin(used)) if "outcome" in t.columns else t for name, t in tables.items()})


def laid(opened: Shop) -> dict[str, Any]:
    """Return what lies at the shop's address, as its mark lists it."""
    place = f"{opened.client.config.store}/{opened.client.id}/{opened.fingerprint}"
    filesystem, connection = url_to_fs(place)[0], engine.connect()
    if not place.startswith("file:"):
        connection.con.register_filesystem(filesystem)
    tables = {}
    for name, parts in json.loads(filesystem.cat_file(f"{place}/{stored.MARK}")).items():
        files = connection.con.read_parquet([f"{place}/{each}" for each in parts], hive_partitioning=False)
        files.create_view(name)
        tables[name] = connection.table(name)
    return told(tables)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_large_tables_lie_in_a_folder_a_year(shop: Callable[..., Client], tmp_path: Path) -> None:
    found = opened(shop(f"file://{tmp_path}/置き場 1/"))
    assert names(tmp_path / "置き場 1") == sorted(
        [
            "shop/.horetsu-owner",
            *(
                f"shop/{found.fingerprint}/{name}/ordered_year={year}/part-0.parquet"
                for name in ("lines", "orders")
                for year in (2024, 2025, 2026)
            ),
            f"shop/{found.fingerprint}/tables.json",
        ]
    )


def test_what_lies_there_is_what_lies_here(shop: Callable[..., Client], tmp_path: Path) -> None:
    found = opened(shop(f"file://{tmp_path}/there"))
    assert laid(found) == kept(found)
    assert len(laid(found)["lines"][1]) == 5


def test_rows_that_no_analysis_uses_stay_here(shop: Callable[..., Client], tmp_path: Path) -> None:
    found = opened(shop(f"file://{tmp_path}/there"))
    files = [tmp_path / "there" / name for name in names(tmp_path / "there") if "/lines/" in name]
    rows = pd.concat([pd.read_parquet(path, partitioning=None) for path in files])
    assert sorted(rows["outcome"]) == ["accepted"] * 3 + ["cancelled_or_returned", "no_customer"]
    kept = pd.read_parquet(found.client.cache / found.fingerprint / "lines.parquet")
    assert "rejected" in set(kept["outcome"])


def test_links_and_rejected_rows_never_go(make_client: Make, tmp_path: Path) -> None:
    orders = "注文番号,注文日時,金額,メールアドレス,顧客番号\nA1,2026-04-01,5480,a@example.com,C1\n"
    orders += "A2,2026-04-02,100,a@example.com,C2\n"
    folder = make_client(
        {"orders.csv": orders + "A3,いつか,1,b@example.com,C3\n"},
        TABLES,
        f"store: file://{tmp_path}/there\nlink: [mail]",
    )
    found = opened(client.find(str(folder)))
    assert (found.client.cache / found.fingerprint / "links.parquet").is_file()
    assert (folder / "rejected.csv").is_file()
    assert {Path(name).name for name in names(tmp_path / "there")} == {
        ".horetsu-owner",
        "tables.json",
        "part-0.parquet",
    }
    assert {Path(name).parts[2] for name in names(tmp_path / "there") if "part" in name} == {"lines", "orders"}
    assert b"example.com" not in b"".join(
        path.read_bytes() for path in (tmp_path / "there").rglob("*") if path.is_file()
    )


def test_what_is_there_is_not_laid_again(shop: Callable[..., Client], broken: type[Broken]) -> None:
    opened(shop("broken://there"))
    broken.left = 0
    found = opened(shop("broken://there"))
    assert laid(found) == kept(found)


def test_a_new_set_takes_the_place_of_those_this_machine_has_forgotten(
    shop: Callable[..., Client], make_client: Make, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    named_like_a_set, half_made = there / "shop" / ("0" * 16), there / "shop" / ("1" * 16)
    for path in (
        named_like_a_set / addresses.OWNER,
        half_made / "lines" / "part-0.parquet",
        there / "shop" / "memo.txt",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    seen = []
    for count in range(1, 4):
        more = "".join(f"B{each},C1,2026-05-0{each},100,\n" for each in range(1, count))
        seen.append(opened(shop(f"file://{there}", orders=ORDERS + more)).fingerprint)
        left = {path.name for path in (there / "shop").iterdir()}
        assert left == {addresses.OWNER, "memo.txt", "0" * 16, *seen[-cache.KEPT :]}


@pytest.mark.parametrize("well", [0, 1, 3, 6])
def test_a_laying_that_broke_off_is_never_read_and_then_healed(
    shop: Callable[..., Client], broken: type[Broken], well: int
) -> None:
    broken.left = well
    with pytest.raises(AddressError) as error:
        opened(shop("broken://there/horetsu"))
    assert str(error.value).startswith(
        "番地のファイルを読み書きできませんでした(OSError)。\n場所: broken://there/horetsu/shop/"
    )
    assert "very-secret" not in str(error.value)
    assert not [path for path in broken.store if path.endswith(stored.MARK)]
    broken.left = PLENTY
    found = opened(shop("broken://there/horetsu"))
    assert laid(found) == kept(found)


def test_half_a_mark_is_no_mark(shop: Callable[..., Client], tmp_path: Path) -> None:
    found = opened(shop(f"file://{tmp_path}/there"))
    mark = tmp_path / "there" / "shop" / found.fingerprint / stored.MARK
    whole = mark.read_text(encoding="utf-8")
    mark.write_text(whole[: len(whole) // 2], encoding="utf-8")
    opened(shop(f"file://{tmp_path}/there"))
    assert json.loads(mark.read_text(encoding="utf-8")) == json.loads(whole)
    assert not [name for name in names(tmp_path / "there") if Path(name).name.startswith(".tables")]


def test_another_client_of_the_same_name_is_refused(
    shop: Callable[..., Client], tmp_path: Path, make_client: Make
) -> None:
    there = tmp_path / "there"
    first = opened(shop(f"file://{there}"))
    before = {name: (there / name).read_bytes() for name in names(there)}
    first.client.folder.rename(tmp_path / "other")
    with pytest.raises(AddressError) as error:
        opened(shop(f"file://{there}", orders=ORDERS.replace("C1", "X1")))
    assert str(error.value) == (
        "この番地には、同じ名前(ID)の別のクライアントのものが置かれています。\n"
        f"場所: file://{there}/shop/.horetsu-owner\n"
        "次に: 番地を分けるか、クライアントのフォルダの名前(ID)を変えてください。"
        "クライアントを別の機械に移したのなら、フォルダの中の .secret も一緒に移してください。"
    )
    assert {name: (there / name).read_bytes() for name in names(there)} == before


def test_the_mark_of_a_client_does_not_tell_its_secret(shop: Callable[..., Client], tmp_path: Path) -> None:
    found = opened(shop(f"file://{tmp_path}/there"))
    mark = (tmp_path / "there" / "shop" / addresses.OWNER).read_bytes()
    assert client.secret(found.client).hex().encode() not in mark
    assert client.secret(found.client) not in mark


SYMBOLS = "番地に * ? # % \\ :: と、[ ] などのかっこは使えません"
PARTS = "番地には、バケットやフォルダの名前を「/」で区切って書いてください(.. は使えません)"


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("bucket/horetsu", "s3://バケット/フォルダ や file:///フォルダ のように書いてください"),
        ("s3:/bucket", "s3://バケット/フォルダ や file:///フォルダ のように書いてください"),
        ("s3://", PARTS),
        ("file:///", PARTS),
        ("s3://bucket/../other", PARTS),
        ("s3://bucket/./x", PARTS),
        ("s3://bucket//x", PARTS),
        ("file://folder/x", "この機械のフォルダは、file:///フォルダ のように「/」を3つ書いてください"),
        ("s3://bucket/*", SYMBOLS),
        ("s3://bucket/a?sig=very-secret", SYMBOLS),
        ("s3://bucket/[a]", SYMBOLS),
        ("simplecache::s3://bucket/x", "s3://バケット/フォルダ や file:///フォルダ のように書いてください"),
        ("zip://x::file:///y", SYMBOLS),
        ("s3://bucket/a%2e%2e", SYMBOLS),
        ("s3://bucket/a\\b", SYMBOLS),
        (
            "s3://key:very-secret@bucket/x",
            "番地に鍵やパスワードを書かないでください(環境変数など、接続する部品の決まりで渡します)",
        ),
    ],
)
def test_an_address_in_which_a_sign_means_more_is_refused(make_client: Make, address: str, problem: str) -> None:
    folder = make_client({"orders.csv": ORDERS}, TABLES, f"store: '{address}'")
    with pytest.raises(ConfigError) as error:
        client.find(str(folder))
    assert f"・「store」: {problem}。" in str(error.value)
    assert "very-secret" not in str(error.value)


@pytest.mark.parametrize(
    "address", ["s3://bucket", "gs://bucket/お店 1", "file:///data", "sftp://me@host/data", "memory://x"]
)
def test_other_addresses_are_taken(address: str) -> None:
    assert addresses.checked(f"{address}/") == address


@pytest.mark.parametrize(
    ("raised", "told_why"),
    [
        (PermissionError("very-secret"), "読み書きが許されていません"),
        (FileNotFoundError("very-secret"), "見つかりません"),
        (OSError(errno.ENOSPC, "very-secret"), "空き容量が足りません"),
        (ConnectionError("very-secret"), "ConnectionError"),
        (RuntimeError("very-secret"), "RuntimeError"),
    ],
)
def test_what_a_driver_raises_is_told_plainly(raised: Exception, told_why: str) -> None:
    with pytest.raises(AddressError) as error, addresses.reached("memory://x"):
        raise raised
    assert str(error.value) == (
        f"番地のファイルを読み書きできませんでした({told_why})。\n場所: memory://x\n"
        "次に: 番地の書き間違いがないか、接続の鍵、読み書きの許可、空き容量、ネットワークを確かめて、"
        "もう一度お試しください。"
    )


@pytest.mark.parametrize(
    ("scheme", "how"),
    [
        ("s3", 'pip install "horetsu[s3]"'),
        ("gs", 'pip install "horetsu[gs]"'),
        ("oss", "fsspec の、oss:// のための部品("),
    ],
)
def test_a_missing_driver_is_named(scheme: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("s3fs", "gcsfs", "ossfs"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(AddressError) as error, addresses.reached(f"{scheme}://bucket"):
        pytest.fail("it was reached")
    assert str(error.value).startswith(
        f"{scheme}:// の番地を読み書きする部品が入っていません。\n場所: {scheme}://bucket\n次に: {how}"
    )


def test_an_unknown_kind_of_address_is_told() -> None:
    with pytest.raises(AddressError) as error, addresses.reached("nowhere://x"):
        pytest.fail("it was reached")
    assert str(error.value).startswith("番地のファイルを読み書きできませんでした(ValueError)。")

"""What client.yaml may say of the list of customers, and what it is told when it says something else."""

import re
from pathlib import Path

import pytest

from horetsu_utils import assets, scaffold
from horetsu_utils import client as clients
from horetsu_utils.errors import ConfigError
from horetsu_utils.people_settings import COLUMNS, CustomersSettings

BLOCK = "# customers:"


def settings(folder: Path, text: str) -> CustomersSettings:
    (folder / "client.yaml").write_text(f"name: 見本の店\n{text}\n", encoding="utf-8")
    return clients.find(str(folder)).config.customers


def test_nothing_said_means_everything_in_utf_8(tmp_path: Path) -> None:
    told = settings(tmp_path, "")
    assert (told.encoding, told.columns) == ("utf-8", COLUMNS)
    assert len(set(COLUMNS)) == len(COLUMNS) == 31


def test_the_chosen_columns_stand_in_their_order_behind_the_number(tmp_path: Path) -> None:
    told = settings(tmp_path, "customers: {encoding: cp932, columns: [stage, last_on]}")
    assert (told.encoding, told.columns) == ("cp932", ("customer_id", "stage", "last_on"))
    moved = settings(tmp_path, "customers: {columns: [stage, customer_id]}")
    assert moved.columns == ("stage", "customer_id")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "columns: [stage, last_onn]",
            "「customers.columns」: 「last_onn」という列はありません。「last_on」の書き間違いではありませんか。",
        ),
        ("columns: [氏名]", "「customers.columns」: 「氏名」という列はありません。使える列は customer_id・first_on・"),
        (
            "columns: [stage, stage]",
            "「customers.columns」: 「stage」が2回書かれています。どちらか1つにしてください。",
        ),
        ("columns: []", "「customers.columns」: 列の名前を1つ以上書いてください。"),
        ("columns: stage", "「customers.columns」の値「stage」は「- 」で始まる一覧の形ではありません。"),
        (
            "encoding: sjis",
            "「customers.encoding」: 「sjis」という文字の書き方は選べません(使えるもの: utf-8・cp932)。",
        ),
        ("colums: [stage]", "「customers.colums」という項目はありません。「columns」の書き間違いではありませんか。"),
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        settings(tmp_path, f"customers: {{{text}}}")


def test_the_block_of_the_template_holds_once_its_marks_are_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scaffold.create("sakura")
    path = tmp_path / "clients" / "sakura" / "client.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    start = lines.index(BLOCK)
    end = lines.index("", start)
    lines[start:end] = [line.removeprefix("# ") for line in lines[start:end]]
    path.write_text("\n".join(lines), encoding="utf-8")
    told = clients.find("sakura").config.customers
    assert told == CustomersSettings(encoding="cp932", columns=("customer_id", "last_on", "stage_name", "stance"))


def test_the_template_names_every_column() -> None:
    text = (assets.CLIENT_TEMPLATE / "client.yaml").read_text(encoding="utf-8")
    explained, _, example = text.rpartition(BLOCK)
    assert set(COLUMNS) - set(re.findall("[a-z_0-9]+", explained)) == {"customer_id"}
    assert "customer_id" in example

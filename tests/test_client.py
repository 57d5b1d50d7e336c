"""A client is found by a safe name or a path, and nothing outside its folder is ever read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from horetsu_utils import client
from horetsu_utils.errors import ConfigError

ORDERS = "  orders: [{files: data/*.csv}]"
UNSAFE = (
    "クライアントの名前(ID)に使えない文字があります。\n{where}"
    "次に: 半角の小文字の英字・数字・ハイフン(-)・下線(_)だけで、英字か数字から始めてください。例: sakura-shop"
)


@pytest.fixture
def folder(make_client: Callable[..., Path]) -> Path:
    return make_client({"a.csv": "x", "b.csv": "x", "c.txt": "x"}, ORDERS)


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "../shop",
        "a/b",
        "/etc",
        "{client}",
        "{0}",
        "Shop",
        "お店",
        "-a",
        "_a",
        "a b",
        "a.b",
        "a" * 65,
        "a" * 5000,
        "~",
    ],
)
def test_an_unsafe_name_is_refused_before_anything_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as error:
        client.find(name)
    shown = name if len(name) <= 40 else name[:39] + "…"
    assert str(error.value) == UNSAFE.format(where=f"場所: {shown}\n")


@pytest.mark.parametrize("name", ["", "\n", "a\n", "a\0"])
def test_a_name_of_nothing_or_of_signs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as error:
        client.find(name)
    assert error.value.what == "クライアントの名前(ID)に使えない文字があります。"


@pytest.mark.parametrize("name", ["a", "7", "sakura-shop", "shop_2", "a" * 64])
def test_a_plain_name_is_safe(name: str) -> None:
    assert client.check_id(name) == name


def test_a_client_is_found_by_name_and_by_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parents[1])
    found = [client.find(name) for name in ("shop", "clients/shop", str(folder))]
    assert {each.id for each in found} == {"shop"}
    assert {each.folder.resolve() for each in found} == {folder.resolve()}


def test_an_unknown_client_says_where_it_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as error:
        client.find("sakura")
    assert str(error.value) == (
        "クライアント「sakura」が見つかりません。\n場所: clients/sakura/client.yaml\n"
        "次に: horetsu new sakura でひな形を作るか、フォルダの場所を指定してください。"
    )


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("data/*.csv", ["data/a.csv", "data/b.csv"]),
        ("data/*", ["data/a.csv", "data/b.csv", "data/c.txt"]),
        ("data/[ab].csv", ["data/a.csv", "data/b.csv"]),
        ("**/a.csv", ["data/a.csv"]),
        ("data/b.csv", ["data/b.csv"]),
    ],
)
def test_files_are_found_in_the_order_of_their_names(folder: Path, pattern: str, names: list[str]) -> None:
    found = client.find(str(folder)).files(pattern)
    assert [path.relative_to(folder.resolve()).as_posix() for path in found] == names


def test_what_we_and_spreadsheets_lay_beside_the_exports_is_no_export(folder: Path) -> None:
    for name in (
        "rejected.csv",
        ".cache/0123/lines.csv",
        ".cache/.preparing-x/a.csv",
        "data/~$b.csv",
        "data/.~lock.a.csv",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")
    (folder / "data" / "rejected.csv").write_text("x", encoding="utf-8")
    found = client.find(str(folder)).files("**/*.csv")
    assert [path.name for path in found] == ["a.csv", "b.csv", "rejected.csv"]
    assert found[-1].parent.name == "data"


def refused(folder: Path, pattern: str) -> str:
    with pytest.raises(ConfigError) as error:
        client.find(str(folder)).files(pattern)
    return str(error.value).replace(str(folder), "…")


@pytest.mark.parametrize(
    "pattern",
    [
        "../other/data/*.csv",
        "data/../../other/data/*.csv",
        "/etc/passwd",
        "/no/such/*",
        "data/link/*.csv",
        "data/one.csv",
    ],
)
def test_nothing_outside_the_folder_is_read(folder: Path, pattern: str) -> None:
    other = folder.parent / "other" / "data"
    other.mkdir(parents=True)
    (other / "secret.csv").write_text("x", encoding="utf-8")
    (folder / "data" / "link").symlink_to(other)
    (folder / "data" / "one.csv").symlink_to(other / "secret.csv")
    assert refused(folder, pattern) == (
        f"クライアントのフォルダの外にあるファイルは読めません。\n場所: client.yaml の files: {pattern}\n"
        "次に: ファイルを …/data の中に置いてください。"
    )


@pytest.mark.parametrize("pattern", ["data/*.xlsx", "date/*.csv", "data"])
def test_a_pattern_that_finds_nothing_says_so(folder: Path, pattern: str) -> None:
    assert refused(folder, pattern) == (
        f"指定されたファイルが見つかりません。\n場所: client.yaml の files: {pattern}\n"
        "次に: …/data にファイルを置くか、client.yaml の files を直してください。"
    )


@pytest.mark.parametrize("pattern", ["data/**.csv", "."])
def test_a_pattern_that_is_none_says_so(folder: Path, pattern: str) -> None:
    assert refused(folder, pattern) == (
        f"files の書き方が読み取れません。\n場所: client.yaml の files: {pattern}\n"
        "次に: data/orders*.csv のように、フォルダとファイルの名前を書いてください。"
    )


SEGMENT = "  - {code: a, name: 甲, meaning: 意味, next_step: 次}\n"
OTHER = SEGMENT.replace("code: a, name: 甲", "code: b, name: 乙")


def rules(folder: Path, text: str) -> str:
    (folder / "rules").mkdir()
    (folder / "rules" / "segments.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        client.find(str(folder)).rules()
    return str(error.value).replace(str(folder), "…")


@pytest.mark.parametrize(
    "text",
    [
        "segments: []\n",
        "segments:\n" + SEGMENT.replace("次}", "次, recency_score: [1, 4]}"),
        "segments:\n" + SEGMENT + OTHER.replace("次}", "次, monetary_score: [2, 5]}"),
        "segments:\n" + SEGMENT + OTHER.replace("次}", "次, lifetime_orders: [0, 1]}"),
        "segments:\n" + SEGMENT + OTHER.replace("次}", "次, recency_days: [0, 60]}"),
    ],
)
def test_segments_that_leave_somebody_out_are_refused(folder: Path, text: str) -> None:
    assert rules(folder, text) == (
        "層の決め方に直すところがあります。\n"
        "・一覧の最後に、条件を書かない層がありません(どの層にも入らないお客様が出てしまいます)。\n"
        "場所: …/rules/segments.yaml\n次に: 上のところを直して、もう一度お試しください。"
    )


def test_segments_that_can_never_hold_or_share_a_name_are_all_told_at_once(folder: Path) -> None:
    wrong = "次, recency_score: [6, 9], frequency_score: [3, 2]}"
    text = "segments:\n" + SEGMENT.replace("次}", wrong) + SEGMENT.replace("code: a", "code: not_yet") + SEGMENT
    assert rules(folder, text) == (
        "層の決め方に直すところがあります。\n"
        "・「a」の recency_score [6, 9] は、[下限, 上限] になっていません。\n"
        "・「a」の frequency_score [3, 2] は、[下限, 上限] になっていません。\n"
        "・code の「a」が2回出てきます。\n・name の「甲」が2回出てきます。\n"
        "・「not_yet」という code は使えません。\n"
        "場所: …/rules/segments.yaml\n次に: 上のところを直して、もう一度お試しください。"
    )


def test_a_misspelt_key_of_the_segments_is_told(folder: Path) -> None:
    assert rules(folder, "segments:\n" + SEGMENT.replace("次}", "次, recency: [1, 4]}") + SEGMENT) == (
        "設定に直すところがあります。\n"
        "・「segments(1つ目).recency」という項目はありません。「recency_days」の書き間違いではありませんか。\n"
        "場所: …/rules/segments.yaml\n次に: 上の項目を直して、もう一度お試しください。"
    )


def test_a_misspelt_key_of_the_word_lists_is_told(folder: Path) -> None:
    (folder / "rules").mkdir()
    (folder / "rules" / "not_products.yaml").write_text("name: [送料]\nids: []\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        client.find(str(folder)).not_products()
    assert str(error.value).replace(str(folder), "…") == (
        "設定に直すところがあります。\n・「name」という項目はありません。「names」の書き間違いではありませんか。\n"
        "場所: …/rules/not_products.yaml\n次に: 上の項目を直して、もう一度お試しください。"
    )


def test_the_kits_own_rules_are_sound(folder: Path) -> None:
    found = client.find(str(folder))
    assert found.rules().segments[-1].code == "dormant"
    assert "送料" in found.not_products()["product_name"]

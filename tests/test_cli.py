"""What the consultant types, and what the screen answers: plain Japanese, and an exit status scripts can trust."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from horetsu_utils import scaffold, screen

TABLES = "  orders:\n    - files: data/*.csv"
STORY = "顧客番号,日付,変化点数,気持ち\nC1,2026-04-01,3,良い\n"
STORY_TABLE = "  story:\n    - files: data/story.csv"
ONE_ORDER = "注文番号,顧客番号,注文日時,金額\nA1,C1,2026-04-01,5480\n"


def test_new_makes_a_folder_that_check_understands(horetsu: Callable[..., Result], tmp_path: Path) -> None:
    assert horetsu("new", "sakura").exit_code == 0
    folder = tmp_path / "clients" / "sakura"
    assert sorted(path.name for path in folder.iterdir()) == ["client.yaml", "data", "記入用"]
    (folder / "data" / "orders.csv").write_bytes((folder / "記入用" / "orders.csv").read_bytes())
    result = horetsu("check", "sakura")
    assert result.exit_code == 0, result.output
    assert "data/orders.csv" in result.output
    assert "2026-04-01〜" in result.output


def test_every_blank_form_is_read_by_the_generic_mapping(horetsu: Callable[..., Result], tmp_path: Path) -> None:
    horetsu("new", "sakura")
    folder = tmp_path / "clients" / "sakura"
    tables = ["name: 見本", "tables:"]
    for form in sorted((folder / scaffold.FORMS).glob("*.csv")):
        (folder / "data" / form.name).write_bytes(form.read_bytes())
        tables += [f"  {form.stem}:", f"    - files: data/{form.name}"]
    (folder / "client.yaml").write_text("\n".join(tables), encoding="utf-8")
    result = horetsu("check", "sakura")
    assert result.exit_code == 0
    assert result.output.count("対応表 generic、文字コード utf-8-sig") == 10
    assert "読めない" not in result.output


def test_new_does_not_touch_a_folder_that_exists(horetsu: Callable[..., Result]) -> None:
    horetsu("new", "sakura")
    result = horetsu("new", "sakura")
    assert result.exit_code == 1
    assert result.output == (
        "✗ クライアント「sakura」は、もうあります。\n"
        "場所: clients/sakura\n"
        "次に: 別の名前を選ぶか、そのフォルダをお使いください。\n"
    )


@pytest.mark.parametrize("name", ["../evil", "a/b", "{client}", "..", "Sakura", "", "さくら", "a" * 65])
def test_an_unsafe_name_is_refused_and_makes_nothing(horetsu: Callable[..., Result], tmp_path: Path, name: str) -> None:
    result = horetsu("new", name)
    assert result.exit_code == 1
    assert "クライアントの名前(ID)に使えない文字があります。" in result.output
    assert "半角の小文字の英字・数字" in result.output
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_client_is_told_how_to_begin(horetsu: Callable[..., Result]) -> None:
    result = horetsu("run", "sakura")
    assert result.exit_code == 1
    assert "✗ クライアント「sakura」が見つかりません。" in result.output
    assert "horetsu new sakura" in result.output


def test_rejected_rows_are_told_and_kept(horetsu: Callable[..., Result], make_client: Callable[..., Path]) -> None:
    folder = make_client({"orders.csv": ONE_ORDER + "A2,C1,きのう,100\n"}, TABLES)
    result = horetsu("check", str(folder))
    assert result.exit_code == 0
    assert "読めなかった行が 1 行あります。" in result.output
    assert (
        "data/orders.csv 3行目 列「注文日時」の値「きのう」: 日時として読めません。"
        "2026-06-30 09:00のような形に直してください。" in result.output
    )
    assert "きのう" in (folder / "rejected.csv").read_text(encoding="utf-8-sig")


def test_an_analysis_day_before_the_first_order_is_told(
    horetsu: Callable[..., Result], make_client: Callable[..., Path]
) -> None:
    folder = make_client({"orders.csv": ONE_ORDER}, TABLES)
    result = horetsu("run", str(folder), "--as-of", "2020-01-01")
    assert result.exit_code == 1
    assert "✗ 分析日 2020-01-01 は、最初の記録 2026-04-01 より前です。" in result.output
    assert "2026-04-01 から 2026-04-01 までの日を選んでください。" in result.output


def test_an_analysis_day_that_is_no_day_is_told(
    horetsu: Callable[..., Result], make_client: Callable[..., Path]
) -> None:
    folder = make_client({"orders.csv": ONE_ORDER}, TABLES)
    result = horetsu("run", str(folder), "--as-of", "2026-02-30")
    assert result.exit_code == 1
    assert "分析日「2026-02-30」を日付として読めません。" in result.output


def test_a_chapter_that_needs_orders_tells_which_file_to_give(
    horetsu: Callable[..., Result], make_client: Callable[..., Path]
) -> None:
    folder = make_client({"story.csv": STORY}, STORY_TABLE)
    result = horetsu("run", str(folder), "--only", "01_rfm")
    assert result.exit_code == 1
    assert "レポートに要るデータがありません: 注文" in result.output
    assert "お店のシステムから注文を書き出して" in result.output


def test_a_shop_that_only_keeps_a_record_gets_the_chapters_that_need_no_more(
    horetsu: Callable[..., Result], make_client: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_client({"story.csv": STORY}, STORY_TABLE)
    result = horetsu("run", str(folder))
    assert result.exit_code == 0, result.output
    page = (tmp_path / "reports" / "shop" / "2026-04-01" / "report.html").read_text(encoding="utf-8")
    assert "記録のあるお客様がまだ5人未満のため、傾向は読み取れません" in page
    assert "ステージの手がかりになる6種類の記録のうち、1種類があります(確かさ 17%)" in page
    assert "リピート率" not in page


def test_a_shop_without_a_record_of_anybody_is_told_which_form_to_fill(
    horetsu: Callable[..., Result], make_client: Callable[..., Path]
) -> None:
    sky = "日付,場所,天気\n2026-04-01,東京,晴れ\n"
    folder = make_client({"context.csv": sky}, "  context:\n    - files: data/context.csv")
    result = horetsu("run", str(folder))
    assert result.exit_code == 1
    assert "お客様との関係を知る手がかりになる記録が、まだありません。" in result.output
    assert "次のどれか1つからで大丈夫です: お客様・閲覧の記録・注文・接触の記録" in result.output


def test_an_unknown_chapter_is_told_with_the_nearest(
    horetsu: Callable[..., Result], make_client: Callable[..., Path]
) -> None:
    folder = make_client({"orders.csv": ONE_ORDER}, TABLES)
    result = horetsu("run", str(folder), "--only", "01_rmf")
    assert result.exit_code == 1
    assert "「01_rmf」という章はありません。「01_rfm」の書き間違いではありませんか。" in result.output


def test_one_client_that_fails_does_not_stop_the_next(
    horetsu: Callable[..., Result], make_client: Callable[..., Path], tmp_path: Path
) -> None:
    good = make_client({"orders.csv": ONE_ORDER}, TABLES, name="good")
    result = horetsu("run", "missing", str(good), "--only", "01_rfm")
    assert result.exit_code == 1
    assert "クライアント「missing」が見つかりません。" in result.output
    assert (tmp_path / "reports" / "good" / "2026-04-01" / "report.html").is_file()


def test_what_nobody_foresaw_is_never_shown_as_a_traceback(
    horetsu: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(scaffold, "create", broken)
    result = horetsu("new", "sakura")
    assert result.exit_code == 70
    assert "Traceback" not in result.output
    assert "secret detail" not in result.output
    assert "思わぬ問題が起きました(ZeroDivisionError)。" in result.output
    assert "secret detail" in (tmp_path / screen.LOG).read_text(encoding="utf-8")


def test_a_full_disk_is_told_in_words(horetsu: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "clients")

    monkeypatch.setattr(scaffold, "create", full)
    result = horetsu("new", "sakura")
    assert result.exit_code == 1
    assert "空き容量があるかを確かめてください。" in result.output


def test_the_shops_own_cut_offs_give_a_report(
    horetsu: Callable[..., Result], make_client: Callable[..., Path], tmp_path: Path
) -> None:
    own = "rfm: {recency_days: [30, 60, 90, 180], frequency: [1, 2, 4, 8], monetary_yen: [5000, 10000, 20000, 50000]}"
    folder = make_client({"orders.csv": ONE_ORDER}, TABLES, settings=own)
    result = horetsu("run", str(folder))
    assert result.exit_code == 0, result.output
    page = (tmp_path / "reports" / "shop" / "2026-04-01" / "report.html").read_text(encoding="utf-8")
    assert "点数は、お店が決めた線で付けています。" in page


def test_two_clients_of_one_name_never_share_a_report(
    horetsu: Callable[..., Result], make_client: Callable[..., Path], tmp_path: Path
) -> None:
    first = make_client({"orders.csv": ONE_ORDER}, TABLES)
    second = tmp_path / "other" / "shop"
    second.parent.mkdir()
    first.rename(second)
    make_client({"orders.csv": ONE_ORDER}, TABLES)
    result = horetsu("run", str(first), str(second), "--only", "01_rfm")
    assert result.exit_code == 1
    assert "同じ名前(ID)のクライアントが2つあり、レポートの置き場所が同じになります。" in result.output


def test_check_shows_the_account_even_when_nothing_can_be_used(
    horetsu: Callable[..., Result], make_client: Callable[..., Path]
) -> None:
    nobody = "注文番号,顧客番号,注文日時,金額\nA1,,2026-04-01,5480\n"
    result = horetsu("check", str(make_client({"orders.csv": nobody}, TABLES)))
    assert result.exit_code == 1
    assert "お客様が分からない行 1" in result.output
    assert "使える行が1行もありません。" in result.output


def test_a_lone_day_far_ahead_is_not_taken_for_today(
    horetsu: Callable[..., Result], make_client: Callable[..., Path]
) -> None:
    rows = "".join(f"A{day},C1,2026-04-{day:02d},100\n" for day in range(1, 31))
    folder = make_client({"orders.csv": f"注文番号,顧客番号,注文日時,金額\n{rows}B1,C1,2099-12-31,100\n"}, TABLES)
    result = horetsu("run", str(folder))
    assert result.exit_code == 1
    assert "最後の注文の日 2099-12-31 だけが、ほかの注文(2026-04-30 まで)から離れています。" in result.output
    assert "--as-of 2026-04-30" in result.output


def test_an_unknown_status_is_refused_rather_than_sold(
    horetsu: Callable[..., Result], make_client: Callable[..., Path]
) -> None:
    rows = "注文番号,顧客番号,注文日時,金額,状態\nA1,C1,2026-04-01,100,キャンセル済み\nA2,C1,2026-04-02,100,保留?\n"
    result = horetsu("check", str(make_client({"orders.csv": rows + "A3,C1,2026-04-03,100,発送済\n"}, TABLES)))
    assert "取り消し・返品 1" in result.output
    assert "読めなかった行 1" in result.output
    assert "列「状態」の値「保留?」" in result.output

"""A report at an address: what may leave goes there, the page last; what stands there already is not made again."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from broken_store import PLENTY, Broken
from click.testing import Result

from horetsu_utils import client, delivery
from horetsu_utils.addresses import OWNER, AddressError

Make = Callable[..., Path]
Horetsu = Callable[..., Result]
TABLES = "  orders:\n    - files: data/orders.csv\n      mapping: generic"
ORDERS = "注文番号,顧客番号,注文日時,金額\nA1,C1,2026-04-01,5480\nA2,C2,2026-04-02,3000\n"
DAY = "2026-04-02"


@pytest.fixture
def shop(make_client: Make) -> Path:
    return make_client({"orders.csv": ORDERS}, TABLES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a report's folder with all that can stand in it."""
    made = tmp_path / "reports" / "shop" / DAY
    for name in (*delivery.EDITION, "consultant/report.html", "consultant/customers.csv", "memo.txt"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(name, encoding="utf-8")
    return made


def left(there: Path) -> list[str]:
    return sorted(str(path.relative_to(there)) for path in there.rglob("*") if path.is_file())


def test_a_report_is_laid_at_an_address_and_kept_there(shop: Path, horetsu: Horetsu, tmp_path: Path) -> None:
    words = ("run", shop, "--only", "01_rfm", "--out", f"file://{tmp_path}/there/")
    done = horetsu(*words)
    assert done.exit_code == 0, done.output
    assert f"お店にお渡しするものを、番地に置きました: file://{tmp_path}/there/shop/{DAY}/report.html" in done.output
    assert left(tmp_path / "there") == [f"shop/{OWNER}", f"shop/{DAY}/report.html", f"shop/{DAY}/report.json"]
    for name in ("report.html", "report.json"):
        here = Path("reports") / "shop" / DAY / name
        assert (tmp_path / "there" / "shop" / DAY / name).read_bytes() == here.read_bytes()
    assert "前回から何も変わっていないので、そのままにしました" in horetsu(*words, "--resume").output
    elsewhere = horetsu(*words[:-1], f"file://{tmp_path}/elsewhere", "--resume")
    assert elsewhere.exit_code == 0, elsewhere.output
    assert left(tmp_path / "elsewhere") == left(tmp_path / "there")
    assert "そのままにしました" in horetsu(*words[:-2], "--resume").output


def test_the_record_of_a_batch_tells_where_each_lies(shop: Path, make_client: Make, horetsu: Horetsu) -> None:
    other = make_client({"orders.csv": ORDERS}, TABLES, name="other")
    there = Path("there").resolve()
    (there / "other").mkdir(parents=True)
    (there / "other" / OWNER).write_text("somebody else", encoding="utf-8")
    done = horetsu("run", shop, other, "--only", "01_rfm", "--out", f"file://{there}")
    assert done.exit_code == 1
    told = json.loads(Path("reports/batch.json").read_text(encoding="utf-8"))["clients"]
    assert [each.get("address") for each in told] == [f"file://{there}/shop/{DAY}/report.html", None]
    assert [each["report"] for each in told] == [f"reports/shop/{DAY}/report.html", None]
    assert told[1]["failure"]["where"] == f"file://{there}/other/{OWNER}"
    assert left(there / "other") == [OWNER]


def test_only_what_may_leave_goes(folder: Path, shop: Path, tmp_path: Path) -> None:
    page = delivery.deliver(folder, f"file://{tmp_path}/there", client.find(str(shop)))
    assert page == f"file://{tmp_path}/there/shop/{DAY}/report.html"
    edition = ["board.html", "customers.xlsx", "report.html", "report.json", "report.pdf"]
    assert left(tmp_path / "there" / "shop" / DAY) == edition


def test_the_page_comes_last(folder: Path, shop: Path, broken: type[Broken]) -> None:
    for well in range(len(delivery.EDITION)):
        broken.left = well
        with pytest.raises(AddressError) as error:
            delivery.deliver(folder, "broken://there", client.find(str(shop)))
        assert "very-secret" not in str(error.value)
        names = {path.rpartition("/")[2] for path in broken.store}
        assert names == {OWNER, *delivery.EDITION[:well]}
    broken.left = PLENTY
    delivery.deliver(folder, "broken://there", client.find(str(shop)))
    assert "report.html" in {path.rpartition("/")[2] for path in broken.store}


def test_what_cannot_be_reached_is_told_before_the_long_work(
    shop: Path, horetsu: Horetsu, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").touch()
    done = horetsu("run", shop, "--only", "01_rfm", "--out", f"file://{Path('file').resolve()}/there")
    assert done.exit_code == 1
    assert "✗ 番地のファイルを読み書きできませんでした" in done.output
    assert "Traceback" not in done.output
    assert not list(Path("reports").rglob("*.ipynb"))


@pytest.mark.parametrize("words", [("board", "shop"), ("guard", "shop"), ("demo",), ("compare", "shop", DAY, DAY)])
def test_other_commands_make_no_folder_of_an_address(words: tuple[str, ...], horetsu: Horetsu, tmp_path: Path) -> None:
    done = horetsu(*words, "--out", "s3://bucket/x")
    assert done.exit_code == 2
    told = "".join(done.output.replace("│", "").split())  # in a box, in lines
    assert "番地を書けるのはhoretsurunだけです。フォルダを書いてください" in told
    assert not list(tmp_path.glob("s3*"))


def test_a_key_in_an_address_is_refused_and_not_repeated(shop: Path, horetsu: Horetsu) -> None:
    done = horetsu("run", shop, "--out", "s3://key:very-secret@bucket/x")
    assert done.exit_code == 1
    assert "番地に鍵やパスワードを書かないでください" in done.output
    assert "very-secret" not in done.output
    assert not Path("reports").exists()

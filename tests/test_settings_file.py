"""A setting from the notebook reaches client.yaml as it was shown, or is refused in words; people's bytes stay."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from horetsu_utils import client as clients
from horetsu_utils import replacing, scaffold, settings_file
from horetsu_utils.client import Client
from horetsu_utils.config import Config
from horetsu_utils.errors import ConfigError
from horetsu_utils.settings import load_yaml, validate
from horetsu_utils.settings_file import ChangedError, Plan, plan, write

NOTHING_WRITTEN = "client.yaml に書き込めませんでした。client.yaml は前のままです。"


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes], Client]:
    """Return a function that makes a client of which there is nothing but its client.yaml."""
    monkeypatch.chdir(tmp_path)

    def client(content: str | bytes) -> Client:
        folder = Path("clients/sakura")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "client.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
        return clients.find("sakura")

    return client


def content(client: Client) -> bytes:
    return (client.folder / "client.yaml").read_bytes()


def words(planned: Plan) -> list[tuple[str, str, str]]:
    return [(each.meaning, each.before, each.after) for each in planned.changes]


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(ConfigError) as error:
        act()
    return str(error.value)


def test_the_change_is_told_in_words_and_as_a_difference_and_nothing_is_written_yet(make: Callable) -> None:
    client = make("name: 店\nperiod_days: 365   # 一年\ntax: included\n")
    planned = plan(client, {"period_days": 180})
    assert words(planned) == [("分析日までの何日間を見るか", "365日", "180日")]
    assert planned.difference.splitlines() == [
        "--- client.yaml(いま)",
        "+++ client.yaml(書いたあと)",
        "@@ -1,3 +1,3 @@",
        " name: 店",
        "-period_days: 365   # 一年",
        "+period_days: 180   # 一年",
        " tax: included",
    ]
    assert content(client) == "name: 店\nperiod_days: 365   # 一年\ntax: included\n".encode()
    write(planned)
    assert content(client) == "name: 店\nperiod_days: 180   # 一年\ntax: included\n".encode()
    assert clients.find("sakura").rules().period_days == 180


@pytest.mark.parametrize(
    "before",
    [
        "\ufeffname: 店\r\n# 道\r\njourney: {reading_days: [30, 60, 90],settling_days: 7}\r\n\r\n# 終わり",
        "name:   '店' # 名\nkeep: &k {a: 理由}\njourney:\n      # 日\n      reading_days:\n      - 30\n      - 60 # ",
    ],
)
def test_a_hostile_file_keeps_every_other_byte(make: Callable, before: str) -> None:
    client = make(before)
    days = tuple(45 if day == 60 else day for day in client.config.journey.reading_days)
    write(plan(client, {"reading_days": days}))
    assert content(client) == before.replace("60", "45").encode()
    assert clients.find("sakura").rules().journey.reading_days == days


def test_the_template_takes_every_setting_at_its_end_and_keeps_its_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scaffold.create("sakura")
    client = clients.find("sakura")
    before = content(client)
    cuts = {"recency_days": (30, 60, 90, 180), "frequency": (1, 2, 4, 8), "monetary_yen": (5000, 10000, 20000, 50000)}
    planned = plan(client, {**cuts, "landing_days": 20, "regress_days": 60, "repair_points": 3})
    assert words(planned) == [
        ("最近さの点数の線", "期間中に買われた方を5等分", "30日・60日・90日・180日"),
        ("回数の点数の線", "期間中に買われた方を5等分", "1回・2回・4回・8回"),
        ("金額の点数の線", "期間中に買われた方を5等分", "5,000円・10,000円・20,000円・50,000円"),
        ("はじめのご注文から落ち着くまでの日数", "14日", "20日"),
        ("冷めてから1つ前のステージへ戻るまでの日数", "90日", "60日"),
        ("整えたときに、100人につき何人ふえると見るか", "5人", "3人"),
    ]
    write(planned)
    added = (
        "\nrfm:\n  recency_days: [30, 60, 90, 180]\n  frequency: [1, 2, 4, 8]\n"
        "  monetary_yen: [5000, 10000, 20000, 50000]\n\nstage:\n  landing_days: 20\n  regress_days: 60\n"
        "\njourney:\n  repair_points: 3\n"
    )
    assert content(client) == before + added.encode()
    found = clients.find("sakura")
    assert found.rules().cuts is not None
    assert (found.stages().landing_days, found.stages().regress_days) == (20, 60)
    assert found.rules().journey.repair_points == 3
    assert plan(found, {**cuts, "landing_days": 20, "regress_days": 60, "repair_points": 3}).changes == ()


def test_what_holds_already_is_not_written_whether_the_file_says_it_or_not(make: Callable) -> None:
    client = make("name: 店\njourney:\n  repair_points: 5\n")
    nothing = plan(client, {"period_days": 365, "landing_days": 14, "repair_points": 5, "frequency": None})
    assert (nothing.changes, nothing.difference, nothing.after) == ((), "", content(client))


def test_the_shops_own_stages_hold_until_client_yaml_says_otherwise(make: Callable) -> None:
    client = make("name: 店\n")
    (client.folder / "rules").mkdir()
    kit = clients.assets.RULES / "stages.yaml"
    own = kit.read_text(encoding="utf-8").replace("regress_days: 90", "regress_days: 45").replace(" 14", " 21")
    (client.folder / "rules" / "stages.yaml").write_text(own.replace("から14日", "から21日"), encoding="utf-8")
    assert words(plan(client, {"regress_days": 60, "landing_days": 21})) == [
        ("冷めてから1つ前のステージへ戻るまでの日数", "45日", "60日")
    ]
    write(plan(client, {"landing_days": 30}))
    rules = clients.find("sakura").stages()
    assert (rules.landing_days, rules.regress_days) == (30, 45)
    landed = next(rule for rule in rules.signals if rule.signal == "landed")
    assert landed.name == "はじめてのご注文から30日、返品も苦情もない"


def checked(client: Client, text: str) -> str:
    """Return how a file of this text is refused by `horetsu check`, which reads it by `client.find`."""
    path = client.folder / "client.yaml"
    before = path.read_bytes()
    path.write_text(text, encoding="utf-8")
    told = refused(lambda: validate(Config, load_yaml(path), where=str(path)))
    path.write_bytes(before)
    return told


@pytest.mark.parametrize(
    ("wanted", "same_as"),
    [
        ({"reading_days": (90, 30)}, "journey: {reading_days: [90, 30]}"),
        ({"reading_days": (1, 2, 3, 4, 5, 6, 7)}, "journey: {reading_days: [1, 2, 3, 4, 5, 6, 7]}"),
        ({"reading_days": (0.5,)}, "journey: {reading_days: [0.5]}"),
        ({"repair_points": 21}, "journey: {repair_points: 21}"),
        ({"regress_days": 0}, "stage: {regress_days: 0}"),
        ({"recency_days": (1, 2, 3, 4), "frequency": None}, "rfm: {recency_days: [1, 2, 3, 4]}"),
        (
            {"recency_days": (1, 2, 3), "frequency": (4, 3, 2, 1), "monetary_yen": (1, 2, 3, -4)},
            "rfm: {recency_days: [1, 2, 3], frequency: [4, 3, 2, 1], monetary_yen: [1, 2, 3, -4]}",
        ),
    ],
)
def test_what_check_would_refuse_is_refused_here_in_the_same_words(make: Callable, wanted: dict, same_as: str) -> None:
    client = make("name: 店\n")
    assert refused(lambda: plan(client, wanted)) == checked(client, f"name: 店\n{same_as}\n")
    assert content(client) == "name: 店\n".encode()


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "name: 店\nname: 店2\n",
        "name: [",
        "nmae: 店\n",
        "- a\n",
        b"name: \x93\x58\n",
        "name: 店\nperiod_days: 一年\n",
    ],
)
def test_a_file_that_was_broken_meanwhile_is_told_in_the_words_of_check(make: Callable, broken: str | bytes) -> None:
    client = make("name: 店\n")
    path = client.folder / "client.yaml"
    path.write_bytes(broken if isinstance(broken, bytes) else broken.encode())
    assert refused(lambda: plan(client, {"period_days": 90})) == refused(lambda: clients.find("sakura"))
    path.unlink()
    assert refused(lambda: plan(client, {"period_days": 90})).startswith("設定ファイルを開けません。")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name: 店\ncompare_days: &d 90\nperiod_days: *d\n", " の period_days"),
        ("name: 店\nperiod_days: &d 90\ncompare_days: *d\n", ""),
    ],
)
def test_a_shared_value_is_left_alone_and_told(make: Callable, text: str, place: str) -> None:
    client = make(text)
    assert refused(lambda: plan(client, {"period_days": 60})) == (
        "client.yaml の書き方が込み入っているため、ここだけを書きかえることができません。まだ何も書いていません。\n"
        f"場所: clients/sakura/client.yaml{place}\n"
        "次に: client.yaml を開き、「&」や「*」で値を共有しているところを、ふつうの書き方に直してください。"
    )
    assert content(client) == text.encode()


def test_a_setting_cannot_be_taken_out_here(make: Callable) -> None:
    cuts = {"recency_days": (1, 2, 3, 4), "frequency": (1, 2, 3, 4), "monetary_yen": (1, 2, 3, 4)}
    client = make("name: 店\n" + yaml.safe_dump({"rfm": {name: list(each) for name, each in cuts.items()}}))
    told = refused(lambda: plan(client, {**cuts, "frequency": None}))
    assert told == (
        "「回数の点数の線」が空です。client.yaml に書いてある設定を消すことは、ここではできません。\n"
        "場所: clients/sakura/client.yaml の rfm.frequency\n"
        "次に: 数を書いてください。もとの決め方に戻すときは、client.yaml を開いて、"
        "その設定の行のはじめに「# 」を付けてください。"
    )
    one = plan(client, {**cuts, "frequency": (1, 2, 3, 5)})
    assert words(one) == [("回数の点数の線", "1回・2回・3回・4回", "1回・2回・3回・5回")]


def test_a_file_changed_since_it_was_shown_is_not_written_over(make: Callable) -> None:
    client = make("name: 店\n")
    planned = plan(client, {"period_days": 90})
    (client.folder / "client.yaml").write_text("name: 新しい店\n", encoding="utf-8")
    with pytest.raises(ChangedError) as error:
        write(planned)
    assert error.value.what == "違いをお見せしたあとに、client.yaml が書きかえられていました。まだ何も書いていません。"
    assert content(client) == "name: 新しい店\n".encode()


def test_a_folder_that_cannot_be_written_is_told_and_nothing_stays_behind(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make("name: 店\n")
    planned = plan(client, {"period_days": 90})
    with monkeypatch.context() as barred:
        barred.setattr(replacing.os, "access", lambda path, mode: False)
        assert refused(lambda: write(planned)).startswith(NOTHING_WRITTEN)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(replacing.os, "fsync", full)
    assert refused(lambda: write(planned)).startswith(NOTHING_WRITTEN)
    assert [each.name for each in planned.path.parent.iterdir()] == ["client.yaml"]
    assert planned.path.read_bytes() == planned.before


def test_permissions_and_links_stay(make: Callable, tmp_path: Path) -> None:
    client = make("name: 店\n")
    path = client.folder / "client.yaml"
    shared = tmp_path / "shared.yaml"
    path.rename(shared)
    shared.chmod(0o640)
    path.symlink_to(shared)
    write(plan(client, {"period_days": 90}))
    assert path.is_symlink()
    assert shared.read_text(encoding="utf-8") == "name: 店\n\nperiod_days: 90\n"
    assert shared.stat().st_mode & 0o777 == 0o640


def test_the_kits_own_files_are_never_written() -> None:
    kit = clients.find(str(clients.assets.CLIENT_TEMPLATE))
    told = refused(lambda: plan(kit, {"period_days": 90}))
    assert told.startswith("これは horetsu のひな形なので、書きかえません。")


def test_a_client_is_called_as_the_commands_call_it(make: Callable, tmp_path: Path) -> None:
    client = make("name: 店\n")
    assert settings_file.name_of(client) == "sakura"
    assert settings_file.name_of(clients.find(str(tmp_path / "clients" / "sakura"))) == "sakura"
    (tmp_path / "clients").rename(tmp_path / "ほか")
    elsewhere = tmp_path / "ほか" / "sakura"
    assert settings_file.name_of(clients.find(str(elsewhere))) == str(elsewhere)

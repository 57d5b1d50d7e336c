"""The catalogues hold every message of the package, and the package speaks the language that is chosen."""

import os
import re
import signal
import subprocess
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from babel.messages.pofile import read_po

from horetsu_utils import assets, language, literals, messages, page_words, privacy, rule_words, units, wording

ENGLISH = language.place("en")
LONGEST_HEADING = 20
"""Characters: a plain literal without a full stop and not longer may be a heading, or a key."""
HOLES = re.compile(r"\{\w+\}")


@pytest.fixture(scope="module")
def found() -> list[tuple[str, literals.Message]]:
    read = [(path.as_posix(), each) for path in messages.sources() for each in messages.of(path)]
    return [(path, each) for path, each in read if literals.JAPANESE.search(each.text)]


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    with ENGLISH.open("rb") as stream:
        return {str(each.id): str(each.string) for each in read_po(stream) if each.id}


@pytest.fixture
def in_english(monkeypatch) -> None:
    monkeypatch.setenv(language.VARIABLE, "en")


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HORETSU_LANG": "en", "PYTHONUTF8": "1", **variables}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_catalogue_is_up_to_date() -> None:
    assert messages.updated("en").decode() == ENGLISH.read_text(encoding="utf-8"), "make messages"


def test_every_message_is_in_the_catalogue_and_nothing_else_is(found, told) -> None:
    assert {each.text for _, each in found} == set(told)


def test_no_message_is_untranslated(told) -> None:
    assert [message for message, words in told.items() if not words] == []


def test_no_translation_has_what_its_message_does_not_have(found, told) -> None:
    for path, each in found:
        words = told.get(each.text) or each.text
        if each.is_template:
            literals.pieces(words, each)  # raises what does not fit
        elif path.endswith((".j2", ".js")):
            assert page_words.fits(words, each.text), words
        else:
            assert set(HOLES.findall(words)) <= set(HOLES.findall(each.text)), words


def test_no_two_headings_of_a_file_are_translated_alike(found, told) -> None:
    """Two columns of one frame, or two keys of one mapping, would fall together."""
    headings: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path, each in found:
        plain = not each.is_template and len(each.text) <= LONGEST_HEADING and "。" not in each.text
        plain = plain and any(sign.isalnum() for sign in each.text)  # 「、」 and 「・」 join, and are no headings
        if plain and path.endswith((".py", ".yaml")) and told.get(each.text):
            headings[path][told[each.text]].add(each.text)
    alike = [(path, words, kept) for path, each in headings.items() for words, kept in each.items() if len(kept) > 1]
    assert alike == []


def test_every_module_that_is_left_alone_is_there() -> None:
    for name in (*language.LEFT_ALONE, *language.LEFT_NAMES):
        path = language.PACKAGE / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), name
    for name, words in language.LEFT_NAMES.items():
        text = (language.PACKAGE / name.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")
        assert [word for word in words if not re.search(rf"^(def |.*, )?\b{word}\b", text, re.MULTILINE)] == []


def test_in_english_every_module_can_be_imported() -> None:
    done = run("""
        import importlib.util, pkgutil, horetsu_utils
        spark = importlib.util.find_spec("pyspark") is not None
        for each in pkgutil.walk_packages(horetsu_utils.__path__, "horetsu_utils."):
            if spark or not each.name.startswith("horetsu_utils.spark"):
                importlib.import_module(each.name)
    """)
    assert (done.returncode, done.stderr) == (0, "")


def catalogue(tmp_path: Path, **told: str) -> str:
    """Return code that has a catalogue with these translations take the place of the package's."""
    rows = "".join(f'msgid "{message}"\nmsgstr "{words}"\n\n' for message, words in told.items())
    path = tmp_path / "horetsu.po"
    path.write_text(messages.HEADER.format(code="en") + rows, encoding="utf-8")
    return (
        f"import pathlib\nfrom horetsu_utils import language\nlanguage.place = lambda _: pathlib.Path({str(path)!r})\n"
    )


def test_a_module_is_loaded_in_the_chosen_language(tmp_path) -> None:
    given = catalogue(tmp_path, 注文日="Ordered on", **{"上位{percent(ratio)}": "the top {percent(ratio)}"})
    done = run(given + "from horetsu_utils import wording; print(wording.heading('ordered_on'), wording.top(0.123))")
    assert done.stdout == "Ordered on the top 12.3%\n", done.stderr


def test_what_is_compiled_in_english_is_kept_apart_and_made_anew_with_the_catalogue(tmp_path) -> None:
    keep = {"PYTHONPYCACHEPREFIX": str(tmp_path / "kept"), "PYTHONDONTWRITEBYTECODE": ""}
    say = "from horetsu_utils import words; print(words.TABLES['orders'])"
    for words in ("Orders", "Orders", "Purchases"):
        assert run(catalogue(tmp_path, 注文=words) + say, **keep).stdout == f"{words}\n"
    kept = [path.name for path in (tmp_path / "kept").rglob("words.*")]
    assert [name for name in kept if ".opt-en." in name] == kept
    assert kept


def test_what_does_not_fit_or_is_missing_stays_japanese(tmp_path) -> None:
    given = catalogue(tmp_path, **{"上位{percent(ratio)}": "the top {ratio}"})
    done = run(given + "from horetsu_utils import wording; print(wording.top(0.123), wording.heading('ordered_on'))")
    assert done.stdout == "上位12.3% 注文日\n", done.stderr


def test_an_unknown_language_is_japanese() -> None:
    done = run(
        "from horetsu_utils import language, words; print(language.chosen(), words.TABLES['orders'])", HORETSU_LANG="fr"
    )
    assert done.stdout == "ja 注文\n"


def test_notebook_cells_are_run_in_the_chosen_language(tmp_path) -> None:
    done = run(f"""
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        for cell in ({catalogue(tmp_path, 注文="Orders")!r}, "n = 3; print('注文', f'{{n}}人')"):
            shell.run_cell(cell)
    """)
    assert done.stdout.endswith("Orders 3人\n"), done.stderr


def test_figures_in_english(in_english) -> None:
    assert wording.count(3000, "customer") == "3,000 people"
    assert wording.count(1, "customer") == "1 person"
    assert wording.decimal(2.25, "score") == "2.3 points"
    assert wording.decimal(0.5, "ratio") == "0.5%"
    assert wording.percent(0.5) == "50.0%"
    assert units.without(wording.count(7, "customer"), "customer") == "7"


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        (0, "JPY", "¥0"),
        (12_000, "JPY", "¥12,000"),
        (-9_800, "JPY", "-¥9,800"),
        (99_999.5, "JPY", "¥100,000"),
        (123_456, "JPY", "¥120,000"),
        (999_999, "JPY", "¥1.00 million"),
        (1_240_000, "JPY", "¥1.24 million"),
        (12_345_678, "JPY", "¥12.35 million"),
        (320_000_000, "JPY", "¥320 million"),
        (3_200_000_000, "JPY", "¥3.20 billion"),
        (-1_240_000, "USD", "-$1.24 million"),
        (9_800, "TWD", "NT$9,800"),
        (float("nan"), "JPY", "—"),
    ],
)
def test_money_in_english(in_english, amount, currency, said) -> None:
    assert wording.money(amount, currency) == said


def test_days_in_english(in_english) -> None:
    import datetime as dt

    day = dt.date(2026, 9, 30)
    assert (wording.day(day), wording.day_of_year(day)) == ("30 September 2026", "30 September")
    assert (wording.month(day), wording.month_of_year(day)) == ("September 2026", "Sep")
    assert wording.exact(1_234_567) == "¥1,234,567"
    assert wording.name("emotion", "良い") == "good"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("3 people", "fewer than 5 people"),
        ("1 person (12.5%)", "fewer than 5 people"),
        ("2 first-time customers bought", "fewer than 5 first-time customers bought"),
        ("5 people, 13 people, 1,003 people", "5 people, 13 people, 1,003 people"),
        ("¥3,200 per person", "¥3,200 per person"),
        ("2.3 people", "2.3 people"),
    ],
)
def test_small_groups_are_folded_in_english(in_english, words, shown) -> None:
    assert privacy.told(words) == shown


def test_a_page_is_translated_between_its_tags() -> None:
    page = (
        '<p class="a">前回は、{{ day | escape }}時点です。{% if x %}(続き){% endif %}</p>'
        "<nav aria-label=\"目次\">{{ y or '図' }}</nav>{# 注 #}"
    )
    told = {
        "前回は、{{ day | escape }}時点です。": "As of {{ day | escape }}.",
        "(続き)": "(more)",
        "目次": "Contents",
        "図": "Figure",
    }
    made = page_words.page(page, lambda message, line: told[message])
    assert made == (
        '<p class="a">As of {{ day | escape }}.{% if x %}(more){% endif %}</p>'
        "<nav aria-label=\"Contents\">{{ y or 'Figure' }}</nav>{# 注 #}"
    )
    assert page_words.script('a("目次", /万/, "b")', lambda message, line: 'C"x') == 'a("C\\"x", /万/, "b")'


@pytest.mark.parametrize("told", ["{{ day }} {{ other }}", "<b>{{ day }}</b>", "{% x %}", '"', "{{ day"])
def test_a_translation_of_a_page_has_no_code_and_no_markup_of_its_own(told) -> None:
    assert not page_words.fits(told, "{{ day }}時点")


@pytest.mark.parametrize("path", [assets.TEMPLATES / name for name in messages.PAGES], ids=lambda path: path.name)
def test_no_japanese_of_a_page_escapes_the_walk(path) -> None:
    text = path.read_text(encoding="utf-8")
    blank = (page_words.script if path.suffix == ".js" else page_words.page)(text, lambda message, line: "x")
    assert set(literals.JAPANESE.findall(re.sub(r"/.*?/\.test", "", blank))) == set()


@pytest.mark.parametrize("name", rule_words.FILES)
def test_what_a_rule_file_matches_against_data_stays(in_english, monkeypatch, name) -> None:
    text = yaml.safe_load((assets.RULES / f"{name}.yaml").read_text(encoding="utf-8"))
    shown = set(rule_words.messages(text))
    assert shown
    for each in text.get("prohibitions", []):
        assert not shown & set(each.get("words", ()))


def test_a_plan_may_name_its_target_in_either_language(in_english, monkeypatch) -> None:
    from horetsu_utils import plans

    monkeypatch.setattr(language, "catalogue", lambda code: {"共感": "Empathy"})
    language._messages.cache_clear()
    terms = plans.Terms({"2": "Empathy"}, {})
    for word in ("共感の方", "Empathy", "ステージ2"):
        assert plans.aimed(word, terms) == ((("stage", "2"),), "")
    language._messages.cache_clear()


@pytest.mark.skipif(os.name == "nt", reason="on Windows the console tells both processes of Ctrl-C")
def test_ctrl_c_is_passed_on_and_the_exit_status_comes_back(tmp_path) -> None:
    ready = tmp_path / "ready"
    child = f"""
        import pathlib, sys, time
        try:
            pathlib.Path({str(ready)!r}).touch()
            time.sleep(60)
        except KeyboardInterrupt:
            sys.exit(130)
    """
    parent = f"""
        import sys
        from horetsu_utils import interpreter
        sys.exit(interpreter.call([sys.executable, "-c", {textwrap.dedent(child)!r}], {{}}))
    """
    command = [sys.executable, "-c", textwrap.dedent(parent)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(language.PACKAGE.parent)}) as process:
        while not ready.exists():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130

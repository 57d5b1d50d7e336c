"""The `horetsu` command. Heavy imports wait inside the commands, so that help appears at once."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from horetsu_utils import cli_run
from horetsu_utils.cli_run import REPORTS, on_this_machine
from horetsu_utils.errors import CANNOT
from horetsu_utils.screen import as_json, err, out, plainly, tell, waiting

app = typer.Typer(
    help="通販・D2Cのお店のデータから、お客様との関係のレポートを作ります。", no_args_is_help=True, add_completion=False
)

UNJUDGED = 2
DIAGNOSIS = "05_diagnosis"

ClientName = Annotated[str, typer.Argument(help="クライアントのID、またはフォルダの場所")]
AsOf = Annotated[str, typer.Option("--as-of", help="分析日(YYYY-MM-DD)。省くと、データの最後の注文日")]


@app.command()
def new(name: Annotated[str, typer.Argument(help="新しいクライアントのID(半角の小文字・数字・-・_)")]) -> None:
    """新しいクライアントのフォルダを作ります。"""
    from horetsu_utils import scaffold

    with plainly():
        folder = scaffold.create(name)
        tell(f"作りました: {folder}")
        tell(f"次に、{folder}/data に、お店の書き出しファイルを開かずにそのまま置いてください。")
        tell(f"確かめるには: horetsu check {name}")


@app.command()
def check(
    client: ClientName,
    json_wanted: Annotated[bool, typer.Option("--json", help="機械で読むための形(JSON)で書き出します")] = False,
) -> None:
    """ファイルが正しく読めるかを確かめ、行の内訳と、気になるところを示します。"""
    from horetsu_utils import accounts, checkup
    from horetsu_utils import client as clients

    with as_json() if json_wanted else plainly():
        with waiting() as say:
            found = checkup.check(clients.find(client), say)
        if json_wanted:
            tell(json.dumps(found.to_dict(), ensure_ascii=False, indent=1, default=str))
        else:
            accounts.show(found.account, out)
            accounts.show_months(found.account, found.before, out, found.client.config.currency)
            accounts.warn(found.account | {"strangers": []}, found.client.folder, err)
            accounts.show_columns(found.account, out)
            accounts.show_doubts(found.sentences, out)
            for sentence in found.missing:
                tell(f"✗ {sentence}")
        if found.missing:
            raise typer.Exit(CANNOT)


app.command()(cli_run.run)


@app.command()
def guard(
    client: ClientName,
    campaigns: Annotated[
        Path | None, typer.Option("--campaigns", help="確かめたい施策の予定のファイル。省くと、お店の施策の予定")
    ] = None,
    as_of: AsOf = "",
    json_wanted: Annotated[bool, typer.Option("--json", help="機械で読むための形(JSON)で書き出します")] = False,
    target: Annotated[
        Path, typer.Option("--out", parser=on_this_machine, help="お客様の一覧(Excel)を置くフォルダ")
    ] = REPORTS,
) -> None:
    """送る前に、施策がお客様の今のステージに合うかを確かめます。

    終わりの値は、合わないものが無ければ 0、あれば 1、確かめられないものがあれば 2 です。
    """
    from horetsu_utils import guard_screen, making

    try:
        with as_json() if json_wanted else plainly():
            guarded, workbook = making.guarded(client, campaigns, as_of, target)
    except typer.Exit as error:  # a plan that was not judged at all is no broken rule
        raise typer.Exit(UNJUDGED if error.exit_code == CANNOT else error.exit_code) from error
    if json_wanted:
        tell(json.dumps(guard_screen.to_dict(guarded, workbook), ensure_ascii=False, indent=1))
    else:
        guard_screen.show(guarded, out)
        tell(f"お客様の一覧: {workbook}")
    raise typer.Exit(guarded.status)


@app.command()
def diagnose(
    client: ClientName,
    by: Annotated[str, typer.Option("--by", help="答える方のお名前か役割(例: 店主)。省くと、はじめにたずねます")] = "",
    date: Annotated[str, typer.Option("--date", help="答えた日(YYYY-MM-DD)。省くと今日")] = "",
    show_wanted: Annotated[bool, typer.Option("--show", help="たずねずに、これまでの記録だけを見ます")] = False,
) -> None:
    """診断の10の質問にお答えいただき、お店のフォルダに記録します。"""
    from horetsu_utils import answer_sheets, questionnaire, record_days
    from horetsu_utils import client as clients

    with plainly():
        found = clients.find(client)
        if show_wanted:
            questionnaire.show(answer_sheets.of(found), out)
            return
        day = record_days.told(found, date, answer_sheets.DAY)
        who = answer_sheets.name(by)
        questionnaire.refuse_pipe(found)
        if questionnaire.conduct(found, who=who, date=day):
            tell(f"レポートを作るには: horetsu run {client} --only {DIAGNOSIS} --as-of {day}")


@app.command()
def log(
    client: ClientName,
    customer: Annotated[str, typer.Option("--customer", help="お客様の番号")] = "",
    score: Annotated[str, typer.Option("--score", help="変化の点数。0(変化なし)から5(大きく変わった)まで")] = "",
    emotion: Annotated[str, typer.Option("--emotion", help="気持ち: 良い・普通・悪い")] = "",
    date: Annotated[str, typer.Option("--date", help="記録する日(YYYY-MM-DD)。省くと今日")] = "",
    note: Annotated[str, typer.Option("--note", help="メモ(書かなくてもかまいません)")] = "",
    show_wanted: Annotated[bool, typer.Option("--show", help="たずねずに、さいごの10件だけを見ます")] = False,
) -> None:
    """お客様の変化の点数と気持ちを、お店のフォルダに記録します。"""
    from horetsu_utils import client as clients
    from horetsu_utils import record_days, story_records, story_screen

    with plainly():
        found = clients.find(client)
        if show_wanted:
            story_screen.show(story_records.of(found), out)
            return
        day = record_days.told(found, date, story_records.DAY)
        if customer or score or emotion or note:
            story_screen.once(found, story_records.typed(customer, day, score, emotion, note))
        else:
            story_screen.refuse_pipe(client)
            story_screen.conduct(found, date=day)


@app.command()
def board(
    client: ClientName,
    as_of: Annotated[str, typer.Option("--as-of", help="いつのボードか(YYYY-MM-DD)。省くと今日")] = "",
    target: Annotated[Path, typer.Option("--out", parser=on_this_machine, help="ボードを置くフォルダ")] = REPORTS,
) -> None:
    """今週の見守りボードを作ります。壁に貼るか、皆さんで見る1枚です。"""
    from horetsu_utils import making

    with plainly():
        if page := making.board(client, as_of, target):
            tell(f"ボードができました: {page}")


@app.command()
def compare(
    client: ClientName,
    earlier: Annotated[str, typer.Argument(help="前の日(YYYY-MM-DD)")],
    later: Annotated[str, typer.Argument(help="後の日(YYYY-MM-DD)")],
    target: Annotated[Path, typer.Option("--out", parser=on_this_machine, help="ページを置くフォルダ")] = REPORTS,
) -> None:
    """2つの日をくらべて、何が動いたかを1枚にまとめます。"""
    from horetsu_utils import making

    with plainly():
        if page := making.compared(client, earlier, later, target):
            tell(f"くらべたページができました: {page}")


@app.command()
def lab(client: ClientName, as_of: AsOf = "") -> None:
    """このクライアントのノートブックを JupyterLab で開きます。"""
    from horetsu_utils import making

    with plainly():
        making.lab(client, as_of)


@app.command("new-analysis")
def new_analysis(name: Annotated[str, typer.Argument(help="新しい分析の名前(半角の小文字・数字・_)")]) -> None:
    """新しい分析のひな形(関数・ノートブック・テスト)を作ります。"""
    from horetsu_utils import assets
    from horetsu_utils import new_analysis as skeleton

    with plainly():
        for path in skeleton.create(name, root=assets.ROOT):
            tell(f"作りました: {path}")
        tell(f"確かめるには: .venv/bin/pytest tests/test_house.py tests/metrics/test_{name}.py")


@app.command("map")
def map_file(
    file: Annotated[Path, typer.Argument(help="お店の書き出しファイル")],
    table: Annotated[str, typer.Option("--table", help="どの表として読むか(例: customers)。省くと推し量ります")] = "",
    target: Annotated[Path | None, typer.Option("--out", parser=on_this_machine, help="対応表を置く場所")] = None,
    force: Annotated[bool, typer.Option("--force", help="同じ名前の対応表があっても上書きします")] = False,
) -> None:
    """知らない書き出しの見出しと中身から、対応表(mapping)のひな形を作ります。"""
    from horetsu_utils import draft_screen, drafts

    with plainly():
        drafted = drafts.make(file, table=table, out=target, force=force)
        draft_screen.show(drafted, out)
        problems = draft_screen.problems(drafted)
        for problem in problems:
            tell(f"✗ {problem}")
        if problems:
            raise typer.Exit(CANNOT)


@app.command()
def demo(
    target: Annotated[Path, typer.Option("--out", parser=on_this_machine, help="作る場所")] = Path("clients/demo"),
) -> None:
    """練習用の架空のお店「デモ商店」を作ります。"""
    from horetsu_utils import demo as shop

    with plainly():
        folder = shop.write(target)
        tell(f"デモ商店を作りました: {folder}")
        tell(f"レポートを作るには: horetsu run {folder}")


def main() -> Any:
    """Run the command line."""
    return app()

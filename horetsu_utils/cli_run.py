"""`horetsu run`: the reports of one client or of a thousand."""

from pathlib import Path
from typing import Annotated

import typer

from horetsu_utils import addresses
from horetsu_utils.screen import ends_as_on_ctrl_c, plainly

REPORTS = Path("reports")


def on_this_machine(told: str | Path) -> Path:
    """Return the folder or file that an option names; typer.BadParameter for an address, which would become one."""
    if addresses.is_address(str(told)):
        raise typer.BadParameter("番地を書けるのは horetsu run だけです。フォルダを書いてください")
    return Path(told)


def run(
    clients: Annotated[
        list[str] | None, typer.Argument(help="クライアントのID(clients/ の中のフォルダ名)か、フォルダの場所")
    ] = None,
    as_of: Annotated[str, typer.Option("--as-of", help="分析日(YYYY-MM-DD)。省くと、データの最後の注文日")] = "",
    only: Annotated[list[str] | None, typer.Option("--only", help="この章だけ作ります(例: 01_rfm)")] = None,
    target: Annotated[
        str,
        typer.Option("--out", help="レポートを置くフォルダ。s3:// などの番地なら、お渡しするものをそこにも置きます"),
    ] = str(REPORTS),
    pdf: Annotated[
        bool, typer.Option("--pdf", help="印刷用の PDF も作ります(Chromium か Chrome、Edge を使います)")
    ] = False,
    everybody: Annotated[bool, typer.Option("--all", help="clients/ にあるすべてのクライアントの分を作ります")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="できていて何も変わっていないところは、作り直さずに残します")
    ] = False,
    retry: Annotated[int, typer.Option("--retry", min=0, max=9, help="途中で止まった章を、何回までやり直すか")] = 0,
    workers: Annotated[int, typer.Option("--workers", min=0, help="同時に進める数。省くと、この機械のコアの数")] = 0,
    executor: Annotated[
        str, typer.Option("--executor", help="どこで動かすか: threads か dask://ホスト:ポート")
    ] = "threads",
    minutes: Annotated[float, typer.Option("--minutes", min=0.01, help="1つの章にかけてよい時間(分)")] = 30,
    memory: Annotated[float, typer.Option("--memory", min=0, help="1つの章が使ってよいメモリ(GB、Linux だけ)")] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="章ごとに Python を一から立ち上げます(遅くなります)")] = False,
) -> None:
    """レポートを作ります。クライアントはいくつでも並べられます。"""
    from horetsu_utils import batching
    from horetsu_utils.chapters import Limits
    from horetsu_utils.places import everyone
    from horetsu_utils.steps import Job

    limits = Limits(seconds=60 * minutes, memory_bytes=int(memory * batching.GIGABYTE), warm=not fresh)
    with plainly(), ends_as_on_ctrl_c():
        address = addresses.asked(target, "--out")
        job = Job("", as_of, tuple(only or ()), str(REPORTS) if address else target, pdf, resume, limits, address)
        names = everyone() if everybody else clients or []
        status = batching.run(names, job, executor=executor, workers=workers, retry=retry)
    raise typer.Exit(status)

"""Records of the story: how one customer's change and feeling stood on one day, checked and kept."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from horetsu_utils import ledger, record_days, recording, wording
from horetsu_utils.client import Client
from horetsu_utils.errors import ConfigError, HoretsuError, shorten
from horetsu_utils.ingest.normalise import folded
from horetsu_utils.ingest.story import BAD, EMOTIONS, FACT, GOOD, PLAIN, TABLE, meant
from horetsu_utils.recording import Saved

DAY = "記録する日"
SCORES = range(6)
SCALE = "0(変化なし)〜5(良いほうへ大きく変わった)"
FACES = {GOOD: "😊", PLAIN: "😐", BAD: "😞"}
"""Old signs, which every system can show."""
LONGEST_ID, LONGEST_TEXT = 100, 500
"""Characters."""
SHOWN = 10
"""So many of the last records are shown."""
_MANGLED = re.compile(r"\d(\.\d+)?[Ee]\+\d+")
"""What a spreadsheet makes of a long number; the kit reads no such id."""


@dataclass(frozen=True)
class Record:
    """How one customer stood on one day; `purpose`, why they bought, is told with the first record."""

    customer_id: str
    date: dt.date | None
    change_score: int | None
    emotion: str
    note: str = ""
    purpose: str = ""

    @property
    def face(self) -> str:
        """The emotion's face and word."""
        return f"{FACES[self.emotion]} {self.emotion}" if self.emotion in FACES else self.emotion


def typed(customer_id: str, date: dt.date | None, score: str, emotion: str, note: str) -> Record:
    """Return a record out of what somebody has typed; `problems` tells what of it cannot be meant."""
    feeling = meant(emotion) or ledger.cleaned(emotion)
    return Record(ledger.cleaned(customer_id), date, score_of(score), feeling, ledger.cleaned(note))


def score_of(text: str) -> int | None:
    """Return a score that somebody has typed, or None for what is no whole number."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return int(plain) if re.fullmatch(r"-?[0-9]{1,9}", plain) else None


def of(client: Client) -> tuple[Record, ...]:
    """Return every record that can be read, the one written last first; of a customer's day, the one written last."""
    found: dict[tuple[str, dt.date], Record] = {}
    for row in reversed(recording.recorded(client, TABLE)):
        own, note, purpose = (_plain(row[name]) for name in ("customer_id", "note", "purpose"))
        told = Record(own, row["date"], row["change_score"], row["emotion"], note, purpose)
        found.setdefault((told.customer_id, row["date"]), told)
    return tuple(found.values())


def readable(client: Client) -> tuple[Record, ...]:
    """Return the records as `of`, or none when a file cannot be read: what is new can be recorded all the same."""
    try:
        return of(client)
    except HoretsuError:
        return ()


def customers(records: Sequence[Record]) -> tuple[str, ...]:
    """Return the customers of whom there are records, the last one first."""
    return tuple(dict.fromkeys(each.customer_id for each in records))


def spelled(record: Record, earlier: Sequence[Record]) -> Record:
    """Return a record with the customer's id as the earlier ones have it; full-width signs are typed by mistake."""
    typed, known = ledger.cleaned(record.customer_id).removeprefix("'"), customers(earlier)
    alike = {folded(each): each for each in reversed(known)}
    own = typed if typed in known else alike.get(folded(typed), unicodedata.normalize("NFKC", typed))
    return replace(record, customer_id=own)


def problems(client: Client, record: Record) -> tuple[str, ...]:
    """Say what of a record cannot be kept, one sentence for each."""
    return tuple(_problems(client, record))


def id_problem(customer_id: str) -> str:
    """Say what is wrong with a customer's id; empty when nothing is."""
    told = ledger.cleaned(customer_id)
    if not told:
        return "お客様の番号を書いてください。"
    if len(told) > LONGEST_ID:
        return f"お客様の番号は{LONGEST_ID}文字までで書いてください。"
    if "\n" in told or "\t" in told:
        return "お客様の番号は1行で書いてください。"
    return f"「{told}」は、表計算ソフトが書きかえた番号です。元の番号を書いてください。" if _MANGLED.match(told) else ""


def score_problem(score: int | None) -> str:
    """Say what is wrong with a score; empty when nothing is."""
    if score is None:
        return "変化の点数を、0から5の中から選んでください。"
    return "" if score in SCORES else f"変化の点数の「{score}」は使えません。0から5までの数にしてください。"


def text_problem(text: str, name: str) -> str:
    """Say what is wrong with a text, which is called `name`; empty when nothing is."""
    return f"{name}は{LONGEST_TEXT}文字までで書いてください。" if len(ledger.cleaned(text)) > LONGEST_TEXT else ""


def save(client: Client, record: Record) -> Saved:
    """Record how a customer stood; the same customer's record of the same day is replaced.

    What was written that day in columns of which nothing is told now stays: a corrected score must not lose the note.

    Errors
        ConfigError telling every problem of the record; otherwise as recording.append
    """
    wrong = problems(client, record)
    if wrong or record.date is None:
        raise ConfigError("\n".join(wrong), next_step="直してから、もう一度記録してください。何も記録していません。")
    told = {
        "customer_id": record.customer_id,
        "date": record.date.isoformat(),
        "change_score": str(record.change_score),
    }
    told |= {"emotion": record.emotion, "note": record.note, "purpose": record.purpose}
    return recording.append(client, TABLE, [told], key=FACT, fill=True)


def said(saved: Saved, record: Record, earlier: Sequence[Record]) -> str:
    """Say what was recorded where; whether it is a customer's first record, and what it replaced."""
    assert record.date is not None
    whole = f"{record.customer_id} さん、{wording.day(record.date)}、{record.change_score}点、{record.face}"
    told = [f"記録しました: {saved.shown}({whole})。"]
    if saved.replaced:
        kept = saved.client.folder / recording.HISTORY / f"{TABLE}.csv"
        told.append(
            f"同じ日の前の記録と置き換えました。前の記録は {kept} に残し、書かれていない欄は前のままにしました。"
        )
    if folded(record.customer_id) not in map(folded, customers(earlier)):
        told.append(f"{record.customer_id} さんの、はじめての記録です。")
    return "\n".join(told)


def _problems(client: Client, record: Record) -> Iterator[str]:
    told = [id_problem(record.customer_id), record_days.problem(client, record.date, DAY)]
    told += [score_problem(record.change_score), _emotion_problem(record.emotion)]
    told += [text_problem(record.note, "メモ"), text_problem(record.purpose, "ご購入の目的")]
    return filter(None, told)


def _emotion_problem(emotion: str) -> str:
    if not emotion:
        return f"気持ちを、{'・'.join(EMOTIONS)}の中から選んでください。"
    if emotion in EMOTIONS:
        return ""
    return f"気持ちの「{shorten(emotion)}」は使えません。{'・'.join(EMOTIONS)}のどれかにしてください。"


def _plain(cell: str | None) -> str:
    """Return a text as it was told, without the sign that keeps a spreadsheet from running it."""
    return ledger.cleaned(cell or "").removeprefix("'")

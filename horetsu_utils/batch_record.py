"""What a batch leaves behind beside the reports: a record for machines, and a note where a report could not be made."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from horetsu_utils import __version__, language, placing
from horetsu_utils.course import DONE, FAILED, KEPT, Course
from horetsu_utils.errors import CANNOT, HoretsuError
from horetsu_utils.privacy import PAGE

RECORDS = {"ja": "batch.json", "en": "batch.en.json"}
"""Each language has a process of its own, which keeps its own record."""
NOTE = "できませんでした.txt"


def write(courses: Sequence[Course], target: Path) -> Path:
    """Write for machines what became of each client.

    Errors
        PlacingError when the folder cannot be written
    """
    told = {"horetsu": __version__, "status": status(courses), "clients": [_client(each) for each in courses]}
    return placing.text(target / RECORDS[language.chosen()], json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def status(courses: Sequence[Course]) -> int:
    """Return the worst exit status of all clients; one that was never begun could not be made."""
    worst = (each.failure.status if each.failure else 0 if each.state in (DONE, KEPT) else CANNOT for each in courses)
    return max(worst, default=0)


def page(course: Course) -> Path | None:
    """Return where a client's page stands, if it stands."""
    if course.page:
        return course.page.page
    return course.kept / PAGE if course.kept else None


def note(course: Course, target: Path) -> None:
    """Say in the client's folder of reports why there is none; take the note away once there is."""
    if not course.lock:  # what was not found may bear any name
        return
    place = target / course.name / NOTE
    if course.state == FAILED and course.failure:
        with suppress(HoretsuError):  # where no report can be written, no note can; the screen tells it
            placing.text(place, f"{course.failure.error}\n")
    else:
        with suppress(OSError):
            place.unlink(missing_ok=True)


def _client(course: Course) -> dict[str, Any]:
    failure, report = course.failure, page(course)
    told: dict[str, Any] = {
        "client": course.name,
        "state": course.state,
        "as_of": report.parent.name if report else None,
        "report": str(report) if report else None,
        "seconds": round(course.seconds, 3),
    }
    if report and course.job.address:
        told["address"] = f"{course.job.address}/{course.name}/{report.parent.name}/{PAGE}"
    if failure:
        told["failure"] = {
            "what": failure.what,
            "where": failure.where,
            "next": failure.next_step,
            "status": failure.status,
        }
    return told

"""Lists that there are, by upload: looked at first, every fault named, then all of it or nothing.

Invariant: looking writes nothing; the file travels with the page and is kept nowhere here; what is
written was judged again, as if it had just come.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from typing import Any

from flask import Response, request

from imports import faults, lists, runs, sheets
from imports.faults import Fault
from imports.runs import Report
from imports.sheets import File
from kit import csv_lines
from kit.errors import Invalid
from web.forms import Fields
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages("manager", "treasurer")
#: a town's list of people has a tenth of this
FILE_MAX = 4 << 20
#: in a form the file stands as base64, with what surrounds it
BODY_MAX = FILE_MAX * 3 // 2
#: so many faults stand on the page; the table to download has them all
SHOWN = 200
_HEADINGS = ("sheet", "row", "what", "code")


@pages.get("/office/imports")
def ask(visit: Visit) -> Response:
    """Which list is to come in?"""
    kinds = [(kind, visit.say(f"imports.{kind}")) for kind in _kinds(visit)]
    return visit.page(
        "office_imports.html", office_tabs=TABS, kinds=kinds, megabytes=FILE_MAX >> 20
    )


@pages.post("/office/imports/look", again=ask, body_max=BODY_MAX)
def look(visit: Visit) -> Response:
    """What would this list add, and what is wrong with it?"""
    kind, file = _sent(visit)
    return _told(visit, kind, file, _run(visit, kind, file, dry_run=True))


@pages.post("/office/imports", again=ask, body_max=BODY_MAX)
def bring(visit: Visit) -> Response:
    """All of it, or nothing where there is a fault."""
    kind, file = _sent(visit)
    return _told(visit, kind, file, _run(visit, kind, file, dry_run=False))


@pages.post("/office/imports/faults", again=ask, body_max=BODY_MAX)
def faults_table(visit: Visit) -> Response:
    """Every fault as a table to work through."""
    kind, file = _sent(visit)
    report = _run(visit, kind, file, dry_run=True)
    lines = [csv_lines.line(visit.say(f"imports.{name}") for name in _HEADINGS)]
    for one in [*report.faults, *report.notes]:
        told = one.told(visit.lang)
        lines.append(csv_lines.line((one.sheet, one.row or "", told, one.code)))
    # The mark tells a spreadsheet that this is UTF-8.
    answer = Response("\ufeff" + "".join(lines), 200, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="faults.csv"'
    return answer


def _run(visit: Visit, kind: str, file: File, *, dry_run: bool) -> Report:
    job = runs.Job(
        database=visit.program.database,
        community_id=visit.community_id,
        file=file,
        kind=kind,
        at=visit.at,
        judge=lists.judge_of(kind, keys=visit.program.keys, at=visit.at, by=visit.me.person_id),
        by=visit.actor,
    )
    try:
        return visit.ahead(lambda: runs.run(job, dry_run=dry_run, tell=lambda _step: None))
    except Invalid as refusal:
        # The room names the file; on the page it is a field.
        raise Invalid(file="; ".join(refusal.errors.values())) from refusal


def _told(visit: Visit, kind: str, file: File, report: Report) -> Response:
    """The report of a run, with the file for the next step."""
    counts = Counter(one.code for one in report.faults)
    return visit.page(
        "office_import.html",
        office_tabs=TABS,
        kind=kind,
        name=file.name,
        kept=base64.b64encode(file.content).decode(),
        report=report,
        added=[(name.replace(" ", "_"), count) for name, count in report.added.items()],
        causes=[(_cause(visit, code), count) for code, count in counts.most_common()],
        wrong=[_shown(visit, one) for one in report.faults[:SHOWN]],
        notes=[_shown(visit, one) for one in report.notes[:SHOWN]],
        more=max(len(report.faults), len(report.notes)) > SHOWN,
    )


def _shown(visit: Visit, one: Fault) -> dict[str, Any]:
    return {"sheet": one.sheet, "row": one.row, "told": one.told(visit.lang)}


def _cause(visit: Visit, code: str) -> str:
    """A cause by itself: its sentence up to where a row's own facts begin."""
    told = faults.table()[code][visit.lang]
    return told.partition("{")[0].rstrip(" ：:（(，,") or code


def _sent(visit: Visit) -> tuple[str, File]:
    """The kind, and the file that was chosen now or came along from the look before."""
    fields = Fields(request.form)
    kind = fields.choice("kind", _kinds(visit))
    chosen = request.files.get("file")
    content, name = b"", fields.text("name", most=200, needed=False)
    if chosen is not None and chosen.filename:
        content, name = chosen.stream.read(FILE_MAX + 1), chosen.filename[-200:]
    elif request.form.get("kept"):
        content = _unpacked(request.form["kept"])
    if len(content) > FILE_MAX:
        fields.errors["file"] = "file_large"
    elif not content or not name:
        fields.errors["file"] = "needed"
    fields.done()
    return kind, File(name, content)


def _unpacked(kept: str) -> bytes:
    try:
        return base64.b64decode(kept, validate=True)
    except binascii.Error:
        return b""


def _kinds(visit: Visit) -> list[str]:
    """The lists that this person may import."""
    return [kind for kind, role in lists.KINDS.items() if visit.holds(role)]


assert sheets.BYTES_MAX >= FILE_MAX, "the room reads what the page takes"

"""The month's report: every row as frozen, and the adjustments since.

A whistle that the caller may not read is counted but not named.
"""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.door.callers import SignedIn, TheTracker, now
from api.reading.figures import figures_connection, may_open
from api.v1.figure_answers import XLSX, language_for
from tracker.metrics.exports import as_xlsx
from tracker.reports.month_report import adjusted, exclusions, must_have_begun, report_of
from tracker.reports.monthly.pdf import report_pdf
from tracker.reports.tables import report_sheets

router = APIRouter(tags=["figures"])


@router.get("/reports/{month}.xlsx")
def report_xlsx(month: str, caller: SignedIn, tracker: TheTracker, request: Request) -> Response:
    """The report as a workbook: figures, adjustments, definitions, and when it was frozen."""
    at = now()
    must_have_begun(month, at)
    with figures_connection(tracker, caller) as connection:
        report = report_of(tracker, connection, month, at)
        since, beside = adjusted(connection, report, at), exclusions(connection, report)
        open_to = may_open(connection, caller, [one.line.whistle for one in since.whistles])
    language = language_for(request)
    sheets = report_sheets(report, since, language, open_to.__contains__, beside)
    return _file(as_xlsx(sheets), XLSX, f"{month}.xlsx")


@router.get("/reports/{month}.pdf")
def pdf(month: str, caller: SignedIn, tracker: TheTracker) -> Response:
    """The report for print, in Chinese."""
    at = now()
    must_have_begun(month, at)
    with figures_connection(tracker, caller) as connection:
        pages = report_pdf(
            tracker,
            connection,
            month,
            at,
            readable=lambda used, found: may_open(used, caller, (one.whistle for one in found)),
        )
    return _file(pages, "application/pdf", f"{month}.pdf")


@router.get("/reports/{month}")
def report(month: str, caller: SignedIn, tracker: TheTracker) -> Any:
    """Rows of the city, each subdistrict, post, unit and category; later adjustments."""
    at = now()
    must_have_begun(month, at)
    with figures_connection(tracker, caller) as connection:
        found = report_of(tracker, connection, month, at)
        since, beside = adjusted(connection, found, at), exclusions(connection, found)
        open_to = may_open(connection, caller, [one.line.whistle for one in since.whistles])
    adjustments = since.shown()
    adjustments["whistles"] = [
        shown if one.line.whistle in open_to else {"whistle": None, "cohort": one.line.cohort}
        for one, shown in zip(since.whistles, adjustments["whistles"], strict=True)
    ]
    return {
        **found.heading(),
        "rows": [
            {
                "scope": row.scope,
                "kind": row.kind,
                "name": row.name,
                "metrics": row.metrics,
                "exclusions": beside[row.scope],
            }
            for row in found.rows
        ],
        "adjustments": adjustments,
    }


def _file(content: bytes, kind: str, name: str) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="report-{name}"'}
    headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie", **disposition}
    return Response(content, media_type=kind, headers=headers)

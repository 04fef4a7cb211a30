import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import Any

from odoo import models
from odoo.tools import format_date

from odoo.addons.kpi_base.engine.tabular import write_csv

MOST_ROWS = 10  # a mail is read on the way; the file has the others
MOST_COLUMNS = 5


@dataclass(frozen=True)
class SeenReport:
    """What somebody sees of a report; equal where it says the same.

    :ivar fingerprint: of all that its files say
    :ivar rows: with the rights and the language of one of those who see the same
    """

    fingerprint: str
    rows: Any = field(compare=False)


class KpiTatReportSchedule(models.Model):
    """The mail itself: made once for all who see the same, in their language."""

    _inherit = "kpi.tat.report.schedule"

    def _group_by_visibility(self, users):
        found = {}
        for user in users:
            rows = self._find_rows_of(user)
            if rows:
                seen = SeenReport(_print_rows(rows), rows)
                found.setdefault((seen, user.lang), []).append(user)
        return found

    def _mail(self, seen, user):
        rows = seen.rows
        number = rows._say_number()
        is_too_long = self.has_xlsx and not rows._fits_xlsx()
        body = rows.env["ir.qweb"]._render(
            "kpi_workflow_tat.kpi_tat_report_mail",
            {
                "title": self.with_env(rows.env).display_name,
                "period": self._say_period(rows),
                "number": number,
                **self._prepare_table(rows),
                "more": max(len(rows) - MOST_ROWS, 0),
                "is_too_long": is_too_long,
                "url": self._url(rows._get_screen_path()),
                "leave_url": self._url(f"tat-report-mails/{self.id}"),
            },
        )
        subject = rows.env._(
            "%(report)s: %(number)s, %(period)s",
            report=self.with_env(rows.env).display_name,
            number=number,
            period=self._say_period(rows),
        )
        formats = [name for name in ("pdf", "xlsx", "csv") if self[f"has_{name}"]]
        if is_too_long:
            formats.remove("xlsx")
        files = [rows._write_file(name) for name in formats]
        return {
            "subject": subject,
            "body": body,
            "fingerprint": seen.fingerprint,
            "attachment_ids": self._attachments(files).ids,
        }

    def _say_period(self, rows):
        """The days that the report is about, in words."""
        if rows._is_of_moment():
            return format_date(rows.env, self._find_company_today())
        period = self._find_period()
        last = period.stop - timedelta(days=1)
        if last == period.start:
            return format_date(rows.env, last)
        return rows.env._(
            "%(first)s to %(last)s",
            first=format_date(rows.env, period.start),
            last=format_date(rows.env, last),
        )

    @staticmethod
    def _prepare_table(rows):
        """The first rows with as many columns as fit a phone."""
        names, _heads = rows._get_file_heads()
        shown = [name for name in rows._get_mailed_columns() if name in names]
        names = shown[:MOST_COLUMNS]
        numbers = {
            name for name in names if rows._fields[name].type in ("integer", "float")
        }
        return {
            "heads": [
                (rows._fields[name]._description_string(rows.env), name in numbers)
                for name in names
            ],
            "lines": [
                [
                    ("–" if value is None else value, name in numbers)
                    for name, value in zip(names, values, strict=True)
                ]
                for values in rows[:MOST_ROWS]._get_file_rows(names)
            ],
        }


def _print_rows(rows):
    """What all files of these rows say, as a fingerprint."""
    names, heads = rows._get_file_heads()
    found = hashlib.sha256()
    for cells in chain([heads], rows._iterate_file_rows(names)):
        found.update(write_csv([cells]))
    return found.hexdigest()

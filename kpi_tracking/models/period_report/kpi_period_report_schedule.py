from dataclasses import dataclass

from odoo import fields, models

from odoo.addons.kpi_base.engine.formatting import percent_text
from odoo.addons.kpi_base.engine.number_text import compact
from odoo.addons.kpi_base.formatting import number_writer, reader_table

from ...engine.status_chip import STATUS_LOOKS
from ..report.kpi_report import JUDGED
from .kpi_mail_schedule import Worst

WORST_SHOWN = 10


@dataclass(frozen=True)
class Shown:
    """A KPI in the period that the mail is about."""

    row: dict
    cell: dict

    @property
    def numbers(self):
        return self.cell["numbers"]

    @property
    def distance(self):
        """Sorts by status, then by achievement: worst first."""
        rank = ("off_target", "at_risk", "on_target").index(self.cell["status"])
        return rank, self.numbers.get("achievement", 0.0)


class KpiPeriodReportSchedule(models.Model):
    """Schedule by which a saved table is mailed, and its recipients."""

    _name = "kpi.period.report.schedule"
    _description = "KPI Table Email Schedule"
    _inherit = ["kpi.mail.schedule"]
    _order = "period_report_id, id"
    _rec_names_search = ["period_report_id"]
    _mailed_field = "period_report_id"
    _mail_key = "period-report"

    period_report_id = fields.Many2one(
        "kpi.period.report", "Table", required=True, ondelete="cascade", index=True
    )

    def _group_by_visibility(self, users):
        """As of ``kpi.mail.schedule``: pairs of section title and KPI id are seen."""
        found = {}
        for user in users:
            own = self._table_of(user)
            pairs = own._list_section_kpis(own._kpis())
            seen = tuple((title, kpi.id) for title, kpi in pairs)
            if user.active and seen:
                found.setdefault((seen, user.lang), []).append(user)
        return found

    def _table_of(self, user):
        """The table as this receiver sees it: with their rights and language."""
        options = self.period_report_id._options()
        # Those of the table, and those that the heading of the mail needs.
        needed = {"target", "variance_percent", "achievement"}
        options["figures"] = [*{*options["figures"], *needed}]
        # Asked as the receiver, in all their companies.
        reports = self.env["kpi.period.report"].with_user(user)
        return reports.with_context(
            allowed_company_ids=user.company_ids.ids, lang=user.lang, tz=user.tz
        )._build_from_options(options)

    def _mail(self, seen, user):
        """Write the mail: values of ``kpi.delivery`` for all who see the same."""
        table = self._table_of(user)
        matrix = table._matrix()
        shown = self._list_judged_kpis(matrix)
        worst = [each for each in shown if each.cell["status"] != "on_target"]
        section = matrix["sections"][0]
        body = table.env["ir.qweb"]._render(
            "kpi_tracking.kpi_period_report_mail",
            {
                "title": matrix["title"],
                "period": section["columns"][_last_closed(section)]["label"],
                "count": len(shown),
                "worst_count": len(worst),
                "worst": worst[:WORST_SHOWN],
                "words": table._words(),
                "narrative": matrix.get("narrative"),
                "looks": STATUS_LOOKS,
                "url": self._url(f"kpi-by-period?report={self.period_report_id.id}"),
                "leave_url": self._url(f"kpi-table-mails/{self.id}"),
            },
        )
        return {
            "subject": self._subject(table, shown),
            "body": body,
            "report_ids": sorted({kpi_id for _title, kpi_id in seen}),
            "attachment_ids": self._files(table, matrix).ids,
        }

    def _list_judged_kpis(self, matrix):
        """The judged KPIs of the last closed period, worst first; once each."""
        found = {}
        for section in matrix["sections"]:
            index = _last_closed(section)
            for row in section["rows"]:
                cell = row["cells"][index]
                if cell["status"] in JUDGED:
                    found[row["id"]] = Shown(row, cell)
        return sorted(found.values(), key=lambda each: each.distance)

    def _subject(self, table, shown):
        worst, found = shown[0] if shown else None, None
        if worst and worst.cell["status"] != "on_target":
            off = worst.numbers.get("variance_percent") or 0.0
            found = Worst(
                name=worst.row["name"],
                value=self._heading(table, worst),
                percent=number_writer(table.env)(abs(off), 0) if off else "",
                is_below=off < 0,
            )
        return self.with_env(table.env)._subject_of(table.name, len(shown), found)

    @staticmethod
    def _heading(table, worst):
        """The value with three significant digits and its unit: “82.4 k€”."""
        if "actual" not in worst.numbers:
            return worst.cell["texts"]["actual"]
        number, digits, letter = compact(worst.numbers["actual"], worst.row["digits"])
        text = number_writer(table.env)(number, digits)
        unit = worst.row["unit"]
        if unit == "%":
            return percent_text(reader_table(table.env), text)
        joined = f"{letter}{unit}" if len(unit) == 1 else f"{letter} {unit}".strip()
        return f"{text}\u202f{joined}" if joined else text

    def _files(self, table, matrix):
        """The table as files."""
        formats = [name for name in ("pdf", "xlsx") if self[f"has_{name}"]]
        chosen = self.period_report_id._figures()
        figures = [each for each in matrix["figures"] if each["key"] in chosen]
        matrix = {**matrix, "figures": figures}
        return self._attachments([table._file(name, matrix) for name in formats])


def _last_closed(section):
    """Index of the last period that is over; the only one where none is."""
    columns = enumerate(section["columns"])
    closed = [index for index, column in columns if not column["is_running"]]
    return closed[-1] if closed else -1

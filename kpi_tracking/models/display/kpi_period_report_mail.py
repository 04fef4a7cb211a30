from dataclasses import dataclass

from odoo import models

from ...engine.compact import compact
from ..core.kpi_report import JUDGED

WORST_SHOWN = 10
MARKS = {"off_target": "✖", "at_risk": "▲", "on_target": "✔"}
COLOURS = {"off_target": "#A32A2A", "at_risk": "#8A5A00", "on_target": "#28744A"}


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
        place = ("off_target", "at_risk", "on_target").index(self.cell["status"])
        return place, self.numbers.get("achievement", 0.0)


class KpiPeriodReportSchedule(models.Model):
    """The mail itself: written once for all who see the same, in their language."""

    _inherit = "kpi.period.report.schedule"

    def _queue_mails(self, leaves, key):
        """Put a mail for each receiver into the outbox.

        :param leaves: dict receiver → when it leaves (UTC; None = now)
        :param key: what makes it another mail than the last
        :return: the new deliveries; none for who sees no KPI
        """
        queued = self.env["kpi.delivery"]
        for (seen, _lang), users in self._by_sight(leaves).items():
            mail = self._mail(seen, users[0])
            queued |= queued._queue(
                [
                    {
                        **mail,
                        "key": f"period-report:{self.id}:{user.id}:{key}",
                        "user_id": user.id,
                        "scheduled_at": leaves[user],
                    }
                    for user in users
                ]
            )
        return queued

    def _by_sight(self, users):
        """Receivers by what they may see of the table, and by language.

        :return: dict (pairs of section title and KPI id, language) → list of users
        """
        found = {}
        for user in users:
            own = self._table_of(user)
            seen = tuple((title, kpi.id) for title, kpi in own._titled(own._kpis()))
            if user.active and seen:
                found.setdefault((seen, user.lang), []).append(user)
        return found

    def _table_of(self, user):
        """The table as this receiver sees it: with their rights and language."""
        options = self.period_report_id._options()
        # Asked as the receiver, in all their companies.
        reports = self.env["kpi.period.report"].with_user(user)
        return reports.with_context(
            allowed_company_ids=user.company_ids.ids, lang=user.lang, tz=user.tz
        )._arranged({**options, "figures": self._mail_figures(options)})

    @staticmethod
    def _mail_figures(options):
        """What the table shows, and what the heading of the mail needs."""
        return [*{*options["figures"], "target", "variance_percent", "achievement"}]

    def _mail(self, seen, user):
        """What a mail says: values of ``kpi.delivery`` for all who see the same."""
        table = self._table_of(user)
        matrix = table._matrix()
        shown = self._shown(matrix)
        worst = [each for each in shown if each.cell["status"] != "on_target"]
        body = table.env["ir.qweb"]._render(
            "kpi_tracking.kpi_period_report_mail",
            {
                "title": matrix["title"],
                "period": self._period_label(matrix),
                "count": len(shown),
                "worst_count": len(worst),
                "worst": worst[:WORST_SHOWN],
                "words": table._words(),
                "marks": MARKS,
                "colours": COLOURS,
                "url": self._url(f"kpi-by-period?report={self.period_report_id.id}"),
                "leave_url": self._url(f"kpi-table-mails/{self.id}"),
            },
        )
        return {
            "lane": "bulk",
            "subject": self._subject(table, shown),
            "body": body,
            "res_model": self._name,
            "res_id": self.id,
            "report_ids": sorted({kpi_id for _title, kpi_id in seen}),
            "attachment_ids": self._attachments(table, matrix).ids,
        }

    def _shown(self, matrix):
        """The judged KPIs of the last closed period, worst first; once each."""
        found = {}
        for section in matrix["sections"]:
            place = _last_closed(section)
            for row in section["rows"]:
                cell = row["cells"][place]
                if cell["status"] in JUDGED:
                    found[row["id"]] = Shown(row, cell)
        return sorted(found.values(), key=lambda each: each.distance)

    @staticmethod
    def _period_label(matrix):
        section = matrix["sections"][0]
        return section["columns"][_last_closed(section)]["label"]

    def _subject(self, table, shown):
        """The number that matters most: of the KPI furthest from its target."""
        if not shown:
            return table.env._("%s: no KPI has a target yet", table.name)
        worst = shown[0]
        if worst.cell["status"] == "on_target":
            return table.env._(
                "%(table)s: all %(count)s KPIs on track",
                table=table.name,
                count=len(shown),
            )
        off = worst.numbers.get("variance_percent")
        words = {"kpi": worst.row["name"], "value": self._heading(table, worst)}
        if not off:
            return table.env._("%(kpi)s %(value)s, off its target", **words)
        words["percent"] = table._number_writer()(abs(off), 0)
        if off < 0:
            return table.env._(
                "%(kpi)s %(value)s, %(percent)s %% below target", **words
            )
        return table.env._("%(kpi)s %(value)s, %(percent)s %% above target", **words)

    @staticmethod
    def _heading(table, worst):
        """The value with three significant digits and its unit: “82.4 k€”."""
        if "actual" not in worst.numbers:
            return worst.cell["texts"]["actual"]
        number, digits, letter = compact(worst.numbers["actual"], worst.row["digits"])
        text = table._number_writer()(number, digits)
        unit = worst.row["unit"]
        joined = f"{letter}{unit}" if len(unit) == 1 else f"{letter} {unit}".strip()
        return f"{text}\u00a0{joined}" if joined else text

    def _attachments(self, table, matrix):
        """The table as files, which the outbox drops with the last mail."""
        formats = [name for name in ("pdf", "xlsx") if self[f"has_{name}"]]
        chosen = self.period_report_id._figures()
        figures = [each for each in matrix["figures"] if each["key"] in chosen]
        matrix = {**matrix, "figures": figures}
        files = [table._file(name, matrix) for name in formats]
        return self.env["ir.attachment"].create(
            [
                {"name": name, "raw": content, "res_model": "kpi.delivery"}
                for name, content in files
            ]
        )

    def _url(self, path):
        return f"{self.get_base_url()}/odoo/{path}"


def _last_closed(section):
    """Place of the last period that is over; the only one where none is."""
    places = [
        place
        for place, column in enumerate(section["columns"])
        if not column["is_running"]
    ]
    return places[-1] if places else -1

from odoo import api, models
from odoo.exceptions import MissingError, UserError
from odoo.fields import Domain

from ..entry.kpi_submission import Entry


class KpiReport(models.Model):
    """KPIs as other systems name them: by number, or by code and scope."""

    _inherit = "kpi.report"

    @api.model
    def _find_by_keys(self, keys, fields=()):
        """The KPIs that ``keys`` name, as far as the user sees them; one query.

        Archived ones too, so that they can be named, unless another has the code.

        :param keys: objects with ``report_id``, or ``code``, ``scope_type`` and
            ``scope_id``
        :param fields: names of fields to read along
        :return: list of recordsets, empty where nothing is found, several where a code
            is used in several companies
        """
        ids = {key.report_id for key in keys if key.report_id}
        codes = {key.code for key in keys if key.code}
        meant = Domain("id", "in", list(ids))
        if codes:
            meant |= Domain("definition_id.code", "in", list(codes))
        everything = self.with_context(active_test=False)
        found = everything.search_fetch(meant, ["active", *fields], order="id")
        found = found.with_env(self.env)
        by_id, by_code = found.grouped("id"), {}
        if codes:
            by_code = {
                key: same.filtered("active") or same
                for key, same in found.grouped(
                    lambda kpi: (kpi.code, kpi.scope_type, kpi.scope_id)
                ).items()
            }
        nothing, own = self.browse(), self.env.company.id
        return [
            by_id.get(key.report_id, nothing)
            if key.report_id
            else by_code.get((key.code, key.scope_type, key.scope_id or own), nothing)
            for key in keys
        ]

    @api.model
    def _get_lookup_refusal(self, named):
        """Return why ``named`` is not the one KPI that was meant; empty if it is."""
        if not named:
            return self.env._("This KPI does not exist.")
        if len(named) > 1:
            return self.env._(
                "Several KPIs have this code. Use an ID: %s.",
                ", ".join(map(str, named.ids)),
            )
        return ""

    @api.model
    def _submit_values(self, rows, submit=True):
        """Enter values, all or none, as the person would.

        :param rows: ``keys`` of ``_find_by_keys``, with ``day``, ``value``, ``note``
        :param submit: hand them in; else they stay drafts
        :return: entries, in the order given
        :raises UserError: names the row that is wrong, or says what people read
        """
        reports = self._find_by_keys(rows)
        entries = [
            self._entry_of(index, row, report)
            for index, (row, report) in enumerate(zip(rows, reports, strict=True))
        ]
        slots = [entry.slot for entry in entries]
        for index, slot in enumerate(slots):
            if slot in slots[:index]:
                raise UserError(self.env._("Value %s: duplicate period.", index))
        return self.env["kpi.submission"]._enter(entries, submit=submit)

    def _list_values(self, grain, first, last):
        """Values of this KPI in the periods of a range of days, oldest first.

        :return: list of dicts, see ``schemas.report.JudgedOut``
        """
        judged = self._get_judged_values(grain, first, last)[self]
        # Since when a KPI is computed how is no secret to those who see it.
        kpi = self.sudo().definition_id
        stretches = kpi._list_stretches()
        today = kpi.calendar_id._today()
        return [
            {
                **vars(judged[period.start]),
                "period_start": period.start,
                "period_stop": period.stop,
                "is_running": period.start <= today < period.stop,
                "version": next(
                    each.first for each in stretches if each.covers(period)
                ),
            }
            for period in kpi.calendar_id._periods(grain, first, last)
            if period.start in judged
        ]

    def _read_verdict(self):
        """How this KPI stands, as ``schemas.report.VerdictOut`` without its name."""
        verdict, outlook = self._get_verdicts()[self], None
        if verdict.outlook:
            outlook = {**vars(verdict.outlook), **_get_days(verdict.outlook.period)}
        return {
            "finding": self.finding or "",
            "running": _describe_standing(verdict.running, verdict),
            "closed": verdict.closed and _describe_standing(verdict.closed, verdict),
            "outlook": outlook,
        }

    @api.model
    def _entry_of(self, index, row, report):
        """Return the values of the entry in row ``index``."""
        if refused := self._get_lookup_refusal(report):
            why = self.env._("Value %(number)s: %(why)s", number=index, why=refused)
            raise UserError(why) if report else MissingError(why)
        definition = report.definition_id
        period = definition.calendar_id._period(definition.frequency, row.day)
        return Entry(report, period, row.value, note=row.note)


def _describe_standing(standing, verdict):
    return {
        **vars(standing.judged),
        **_get_days(standing.period),
        "label": standing.label,
        "is_running": standing.is_running,
        "alert_count": verdict.alert_counts.get(standing.period.start, 0),
    }


def _get_days(period):
    return {"period_start": period.start, "period_stop": period.stop}

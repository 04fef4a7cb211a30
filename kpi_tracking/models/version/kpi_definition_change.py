from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.schemas.base import Id

from ...engine.formula import FormulaError
from ..source.kpi_definition_preview import PREVIEW_PERIODS
from .kpi_definition import ALL_HISTORY


class KpiDefinition(models.Model):
    """What the form asks before it saves another way of computing: from when on."""

    _inherit = "kpi.definition"

    @api.model
    def get_change(self, values: dict[str, Any], definition_id: Id):
        """Return what there is to choose before other ``METHOD_FIELDS`` are saved.

        The form then saves with ``kpi_valid_from`` in the context: a day of ``choices``
        or ``all``; and ``kpi_change_reason``.

        :param values: what the form has changed, as for ``write``
        :return: None where nothing is to be chosen; else dict of ``choices`` (``day``,
            ``label``, ``kind``: running, next, earlier or all; ``closed_count``: values
            of closed periods that may change), ``points`` (of the last periods of the
            company: ``label``, ``old``, ``new``), ``unit``, ``message`` (why nothing is
            compared) and ``used_in`` (names of the formulas that follow)
        """
        definition = self.browse(definition_id)
        definition.check_access("write")
        changed, _rest = self._split_method(values)
        if not changed or not definition._is_measured():
            return None
        draft = definition._draft_change(changed, definition._get_stretch_of_today())
        if not draft:
            return None
        return {
            "choices": definition._list_change_choices(),
            **definition._compare_change(draft),
            "unit": definition._unit_description(),
            # A formula of another company counts as well.
            "used_in": definition.sudo()._formula_users().mapped("name"),
        }

    def _list_change_choices(self):
        """Periods from which another way of computing can hold."""
        calendar = self.calendar_id
        today = calendar._today()
        running = calendar._period(self.frequency, today)
        following = calendar._period(self.frequency, running.stop)
        spec, first_day = calendar._spec(), self._first_counted_day()
        first = calendars.previous(spec, running, PREVIEW_PERIODS)
        earlier = calendar._periods(
            self.frequency, max(first.start, first_day), running.start
        )
        counts = self._count_closed_values(running.start)
        found = [("running", running), ("next", following)]
        found += [("earlier", each) for each in reversed(earlier[:-1])]
        choices = [
            {
                "kind": kind,
                "day": period.start.isoformat(),
                "label": calendar._period_label(period),
                "closed_count": sum(
                    count for day, count in counts.items() if day >= period.start
                ),
            }
            for kind, period in found
            if period.start > first_day
        ]
        return [
            *choices,
            {
                "kind": ALL_HISTORY,
                "day": ALL_HISTORY,
                "label": "",
                "closed_count": sum(counts.values()),
            },
        ]

    def _count_closed_values(self, running_start):
        """First day → number of values of a closed period, in the KPI's own grain."""
        self.env["kpi.report"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT fact.period_start, count(*)
                      FROM kpi_measurement AS fact
                      JOIN kpi_report AS report ON report.id = fact.report_id
                     WHERE report.definition_id = %s
                       AND fact.grain = %s
                       AND fact.period_start < %s
                  GROUP BY fact.period_start
                    """,
                    self.id,
                    self.frequency,
                    running_start,
                )
            )
        )

    def _compare_change(self, draft):
        """Values of the company by the old and the new way, and why there are none."""
        company = self.company_id or self.env.company
        report = self.env["kpi.report"].search(
            [
                ("definition_id", "=", self.id),
                ("scope_type", "=", "company"),
                ("company_id", "=", company.id),
            ],
            limit=1,
        )
        nothing = {"points": [], "message": ""}
        try:
            shown, new = draft._preview_change()
        except (FormulaError, UserError) as refusal:
            return {**nothing, "message": str(refusal)}
        if not shown or not report:
            return nothing
        old = report._values(self.frequency, shown[0].start, shown[-1].start)[report]
        return {
            **nothing,
            "points": [
                {
                    "label": self.calendar_id._period_label(period),
                    "old": old.get(period.start),
                    "new": new.get(period.start),
                }
                for period in shown
            ],
        }

    def _preview_change(self):
        """The last periods, and first day → value as this draft computes it."""
        if self.computation == "records":
            return self._preview_records()
        if self.computation == "formula":
            values = {
                fields.Date.to_date(each["period"]): each["value"]
                for each in self._preview_values()
            }
            first, last = min(values), max(values)
            return self.calendar_id._periods(self.frequency, first, last), values
        return [], {}

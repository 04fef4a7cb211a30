from datetime import date
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.schemas.base import Id

from ...engine.formula import FormulaError
from ...engine.lock import is_locked
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
            ``label``, ``kind``: running, next, earlier or all; ``closed_count``,
            ``judged_count``, ``locked_count``: values of closed periods that may
            change, and how many of them were judged or are locked), ``points`` (of the
            last periods of the company: ``label``, ``start``, ``old``, ``new``),
            ``unit``,
            ``message`` (why nothing is compared), ``used_in`` (what follows: as
            ``get_uses``) and ``needs_proposal`` (it is proposed, not saved)
        """
        definition = self.browse(definition_id)
        definition.check_access("write")
        needs_proposal = bool(definition._filter_guarded("write", values))
        changed, _rest = self._split_method(values)
        draft = self.browse()
        if changed and definition._is_measured():
            stretch = definition._get_stretch_of_today()
            draft = definition._draft_change(changed, stretch)
        if not draft and not needs_proposal:
            return None
        compared = {"choices": [], "points": [], "message": ""}
        if draft:
            compared = {
                "choices": definition._list_change_choices(),
                **definition._compare_change(draft),
            }
        return {
            **compared,
            "needs_proposal": needs_proposal,
            "unit": definition._unit_description(),
            "used_in": definition._list_uses(),
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
        counts = self._count_closed_values(running)
        found = [("running", running), ("next", following)]
        is_seen_once = self._takes_snapshots()
        if not is_seen_once:
            found += [("earlier", each) for each in reversed(earlier[:-1])]
        choices = [
            {
                "kind": kind,
                "day": period.start.isoformat(),
                "label": calendar._period_label(period),
                **_add_counts(counts, period.start),
            }
            for kind, period in found
            if period.start > first_day
        ]
        if is_seen_once and choices:
            return choices
        return [
            *choices,
            {
                "kind": ALL_HISTORY,
                "day": ALL_HISTORY,
                "label": "",
                **_add_counts(counts, date.min),
            },
        ]

    def _count_closed_values(self, running):
        """Values of closed periods in the KPI's own grain, and what becomes of them.

        :return: list of tuples of the first day of a period, the number of its values,
            how many of them were judged and how many are locked
        """
        self.env["kpi.report"].flush_model()
        self.env["res.company"].flush_model(["kpi_lock_date"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT fact.period_start,
                       GREATEST(report.locked_until, company.kpi_lock_date) AS locked,
                       count(*), count(judged.judged_at)
                  FROM kpi_measurement AS fact
                  JOIN kpi_report AS report ON report.id = fact.report_id
                  JOIN res_company AS company ON company.id = report.company_id
             LEFT JOIN kpi_target_value AS judged
                    ON judged.report_id = fact.report_id
                   AND judged.grain = fact.grain
                   AND judged.period_start = fact.period_start
                 WHERE report.definition_id = %s
                   AND fact.grain = %s
                   AND fact.period_start < %s
              GROUP BY fact.period_start, locked
                """,
                self.id,
                self.frequency,
                running.start,
            )
        )
        period_of = self.calendar_id._period
        return [
            (
                start,
                count,
                judged_count,
                count if is_locked(period_of(self.frequency, start).stop, until) else 0,
            )
            for start, until, count, judged_count in rows
        ]

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
                    "start": period.start.isoformat(),
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


def _add_counts(counts, first):
    """Sums of ``_count_closed_values`` from a day on, by what they count."""
    names = ("closed_count", "judged_count", "locked_count")
    rows = [row[1:] for row in counts if row[0] >= first]
    return dict(zip(names, map(sum, zip((0, 0, 0), *rows, strict=True)), strict=True))

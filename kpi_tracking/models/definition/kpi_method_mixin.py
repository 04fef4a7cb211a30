from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from odoo import fields, models

from odoo.addons.kpi_base.engine.periods import Period

WITHOUT_COMPANY = [
    ("every", "Every Company Tracking the KPI"),
    ("one", "One Company"),
    ("none", "No Company"),
]


@dataclass(frozen=True)
class Stretch:
    """The periods that one version of a definition is in force in.

    :param kpi: the definition
    :param method: it, with the fields that a version may change as they are there
    :param version: empty where the definition never changed
    :param first: day from which it is in force; None = from the beginning
    :param stop: first day of the next version; None = it is the last one
    """

    kpi: Any
    method: Any
    version: Any
    first: date | None = None
    stop: date | None = None

    def covers(self, period: Period) -> bool:
        """Whether it is in force in a period: on its last day."""
        return (self.first is None or period.stop > self.first) and (
            self.stop is None or period.stop <= self.stop
        )

    def find_bounds(self, grain: str) -> tuple[date, date]:
        """First days of its first period in the history, and of that after its last."""
        period_of = self.kpi.calendar_id._period
        first = max(self.first or date.min, self.kpi.history_start)
        stop = period_of(grain, self.stop).start if self.stop else date.max
        return period_of(grain, first).start, stop

    @property
    def is_current(self) -> bool:
        """Whether the definition holds what is in force here."""
        return self.method == self.kpi

    @property
    def error(self) -> str:
        """Why nothing can be computed here; empty where it can.

        The reason of a past version stays with it: its values do, too.
        """
        holder = self.kpi if self.is_current else self.version
        return holder.computation_error or ""

    def set_error(self, error: str) -> None:
        """Say why nothing can be computed here; empty clears it."""
        if self.is_current:
            self.kpi._set_computation_error(error)
        elif self.error != error:
            self.version.computation_error = error


class KpiMethodMixin(models.AbstractModel):
    """How the values of a KPI are computed: what a version of it may change."""

    _name = "kpi.method.mixin"
    _description = "KPI Method"

    computation = fields.Selection(
        [
            ("manual", "Entered Manually"),
            ("records", "Computed from Records"),
            ("formula", "Formula of Other KPIs"),
            ("external", "Provided by Another App"),
        ],
        required=True,
        default="manual",
    )
    model_name = fields.Char()
    domain = fields.Char(
        "Filter",
        default="[]",
        help="Records to count. “today” means the last day of each period.",
    )
    kind = fields.Selection(
        [
            ("flow", "Happened in the Period"),
            ("stock", "Open at Period End"),
            ("snapshot", "Snapshot at Period End"),
        ],
        "Type",
        default="flow",
    )
    date_field = fields.Char(
        "Date",
        help=(
            "Date that assigns records to periods. For “Open at Period End”, "
            "choose the opening date."
        ),
    )
    date_to_field = fields.Char(
        "Closed On", help="Records without this date are still open."
    )
    measure = fields.Selection(
        [
            ("count", "Number of Records"),
            ("distinct", "Number of Distinct Values"),
            ("sum", "Sum"),
            ("average", "Average"),
            ("weighted_average", "Weighted Average"),
            ("min", "Lowest"),
            ("max", "Highest"),
            ("median", "Median"),
            ("percentile", "Percentile"),
            ("share", "Share of Records (%)"),
        ],
        default="count",
    )
    operand = fields.Selection(
        [
            ("field", "A Field"),
            ("product", "Product of Two Fields"),
            ("duration", "Time Between Two Dates"),
        ],
        "Calculated From",
        default="field",
    )
    measure_field = fields.Char(
        "Field", help="A stored field or field path, such as partner_id.country_id."
    )
    factor_field = fields.Char("Multiplied By")
    weight_field = fields.Char("Weighted By")
    percentile = fields.Float(default=90.0, help="From 0 to 100; 50 is the median.")
    duration_from_field = fields.Char("From")
    duration_to_field = fields.Char("To")
    working_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        help="Only these working hours count. Leave empty to count around the clock.",
    )
    numerator_domain = fields.Char(
        "Numerator",
        default="[]",
        help=(
            "Records counted in the numerator. The denominator is all records that "
            "match the filter."
        ),
    )
    company_field = fields.Char()
    without_company = fields.Selection(
        WITHOUT_COMPANY, "Records Without a Company Count For"
    )
    without_company_id = fields.Many2one(
        "res.company", "Company for Records Without One", ondelete="restrict"
    )
    department_field = fields.Char(
        help="Field with the record's department. Leave empty to use the assignee's "
        "department on the record's date."
    )
    team_field = fields.Char(
        help="Field with the record's team. Leave empty to use the assignee's teams on "
        "the record's date.",
    )
    user_field = fields.Char(help="Field with the record's assignee.")
    formula = fields.Text(
        help="KPI codes, numbers, + - * / and functions such as prev(…), ytd(…).",
    )

    _percentile_range = models.Constraint(
        "CHECK (percentile BETWEEN 0 AND 100)",
        "A percentile must be between 0 and 100.",
    )

    def _get_method(self):
        """Values of ``METHOD_FIELDS``, as ``write`` takes them."""
        self.ensure_one()
        return {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in METHOD_FIELDS
        }


METHOD_FIELDS = tuple(
    name
    for name, field in vars(KpiMethodMixin).items()
    if isinstance(field, fields.Field)
)
# of these the ones that hold a path on the records
PATH_FIELDS = tuple(name for name in METHOD_FIELDS if name.endswith("_field"))

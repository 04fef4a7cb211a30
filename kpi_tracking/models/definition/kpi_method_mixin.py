from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from odoo import fields, models

from odoo.addons.kpi_base.engine.periods import Period

WITHOUT_COMPANY = [
    ("every", "Every company that tracks the KPI"),
    ("one", "One company"),
    ("none", "No company"),
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
    _description = "Method of a KPI"

    computation = fields.Selection(
        [
            ("manual", "Entered by people"),
            ("records", "Computed from records"),
            ("formula", "Formula of other KPIs"),
            ("external", "Provided by another app"),
        ],
        required=True,
        default="manual",
    )
    model_name = fields.Char(
        help="Stored as text, so that the app it belongs to can be uninstalled.",
    )
    domain = fields.Char(
        "Filter",
        default="[]",
        help="Records that count. “today” means the last day of each period.",
    )
    kind = fields.Selection(
        [
            ("flow", "Happened in the period"),
            ("stock", "Open at the end of the period"),
            ("snapshot", "Snapshot at the end of the period"),
        ],
        "Type",
        default="flow",
    )
    date_field = fields.Char(
        "Date",
        help=(
            "Date that assigns a record to a period. For “Open at the end of the "
            "period”: the opening date."
        ),
    )
    date_to_field = fields.Char(
        "Closed On", help="Date the record was closed. Empty = still open."
    )
    measure = fields.Selection(
        [
            ("count", "Number of records"),
            ("distinct", "Number of different values"),
            ("sum", "Sum"),
            ("average", "Average"),
            ("weighted_average", "Weighted average"),
            ("min", "Lowest"),
            ("max", "Highest"),
            ("median", "Median"),
            ("percentile", "Percentile"),
            ("share", "Share of records (%)"),
        ],
        default="count",
    )
    operand = fields.Selection(
        [
            ("field", "A field"),
            ("product", "Product of two fields"),
            ("duration", "Time between two dates"),
        ],
        "Calculated From",
        default="field",
    )
    measure_field = fields.Char(
        "Field", help="A stored field or path, such as partner_id.country_id."
    )
    factor_field = fields.Char("Multiplied By")
    weight_field = fields.Char("Weighted By")
    percentile = fields.Float(default=90.0, help="From 0 to 100; 50 is the median.")
    duration_from_field = fields.Char("From")
    duration_to_field = fields.Char("To")
    working_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        help="Counts only these working hours. Empty: around the clock.",
    )
    numerator_domain = fields.Char(
        "Numerator",
        default="[]",
        help=(
            "Records counted in the numerator. All records of the filter are the "
            "denominator."
        ),
    )
    company_field = fields.Char()
    without_company = fields.Selection(
        WITHOUT_COMPANY, "Records Without a Company Count for"
    )
    without_company_id = fields.Many2one(
        "res.company", "Company for Records Without One", ondelete="restrict"
    )
    department_field = fields.Char(
        help="Department field on the record. Empty: the user's department on "
        "the date of the record."
    )
    team_field = fields.Char(
        help="Team field on the record. Empty: the user's teams on the date of "
        "the record.",
    )
    user_field = fields.Char(help="Person the record is assigned to.")
    formula = fields.Text(
        help="Codes of KPIs, numbers, + - * / and functions such as prev(…), ytd(…).",
    )

    _percentile_range = models.Constraint(
        "CHECK (percentile BETWEEN 0 AND 100)", "A percentile goes from 0 to 100."
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

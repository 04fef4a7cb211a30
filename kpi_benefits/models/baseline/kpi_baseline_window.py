from math import isclose

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.kpi_base.fields import OptionalFloat, OptionalInteger

FROZEN_BY = {
    "baseline_method",
    "baseline_date",
    "window_from",
    "report_id",
    "control_id",
}


class KpiBaseline(models.Model):
    """What the KPI was before: a number of a day, or the mean of a time.

    A mean is frozen with its spread when it is worked out: values that are corrected
    later do not move it, and the form says that they were.
    """

    _inherit = "kpi.baseline"

    baseline_method = fields.Selection(
        [("entered", "A number"), ("window", "Average of a period")],
        "Baseline Is",
        required=True,
        default="entered",
        tracking=True,
    )
    baseline_date = fields.Date(
        "Baseline Until",
        required=True,
        tracking=True,
        default=fields.Date.context_today,
        help="The last day that it stands for. What is measured later counts.",
    )
    window_from = fields.Date(
        "Average From", tracking=True, help="First day of the period."
    )
    baseline_value = OptionalFloat("Baseline", tracking=True, aggregator=False)
    baseline_spread = OptionalFloat(
        "Spread",
        readonly=True,
        copy=False,
        aggregator=False,
        help="Standard deviation of the values behind the average.",
    )
    baseline_count = OptionalInteger(
        "Values", readonly=True, copy=False, aggregator=False
    )
    control_baseline = OptionalFloat(
        "Control, Baseline",
        aggregator=False,
        help="What the control KPI was before.",
    )
    frozen_at = fields.Datetime("Frozen on", readonly=True, copy=False)
    frozen_revision = fields.Integer(readonly=True, copy=False, exportable=False)
    correction_note = fields.Char(compute="_compute_correction_note", exportable=False)

    @api.constrains("baseline_method", "window_from", "baseline_date")
    def _check_window(self):
        for baseline in self.filtered(lambda one: one.baseline_method == "window"):
            first, last = baseline.window_from, baseline.baseline_date
            if not first or first > last:
                raise ValidationError(
                    self.env._(
                        "%s: enter the first and the last day of the period whose "
                        "average is the baseline.",
                        baseline.name,
                    )
                )

    @api.depends("frozen_at", "frozen_revision", "baseline_value", "baseline_count")
    def _compute_correction_note(self):
        for baseline in self:
            baseline.correction_note = baseline._describe_correction()

    def _freeze_changed(self, vals):
        if vals.keys() & FROZEN_BY:
            self._freeze()
        elif "baseline_value" in vals:
            self.filtered("frozen_at")._refuse_typed()

    def _refuse_typed(self):
        for baseline in self:
            raise UserError(
                self.env._(
                    "%s: the baseline is an average. Choose “A number” to enter it.",
                    baseline.name,
                )
            )

    def action_freeze(self):
        """Work the mean out again, from the values that there are now."""
        self.check_access("write")
        self._freeze()
        self._rebuild_measured(self)

    def _freeze(self):
        """Work out the means of times; numbers that were entered have none of it."""
        for baseline in self:
            frozen = {"frozen_at": False, "frozen_revision": 0}
            frozen |= {"baseline_spread": False, "baseline_count": False}
            if baseline.baseline_method == "window":
                frozen = baseline._prepare_frozen_values()
            if baseline.frozen_at or frozen["frozen_at"]:
                # What is frozen is worked out; the right to change it was checked.
                baseline.sudo().write(frozen)

    def _prepare_frozen_values(self):
        known = self._read_window(self.report_id)
        if not known:
            raise UserError(
                self.env._(
                    "%(kpi)s has no values from %(first)s to %(last)s. Enter some, or "
                    "enter the baseline as a number.",
                    kpi=self.name,
                    first=format_date(self.env, self.window_from),
                    last=format_date(self.env, self.baseline_date),
                )
            )
        control = self.control_id and self._read_window(self.control_id)
        return {
            "baseline_value": float(np.mean(known)),
            "baseline_spread": float(np.std(known, ddof=1)) if known[1:] else False,
            "baseline_count": len(known),
            "control_baseline": float(np.mean(control)) if control else False,
            "frozen_at": fields.Datetime.now(),
            "frozen_revision": self._find_revision(Domain.TRUE),
        }

    def _get_window_domain(self, report):
        """Domain of the values of a KPI, or revisions, in the time of the mean."""
        return (
            report._facts()
            & Domain("period_start", ">=", self.window_from)
            & Domain("period_start", "<", self._get_first_counted_day(report))
        )

    def _read_window(self, report):
        """Values of a KPI in the time of the mean, oldest first."""
        facts = self.env["kpi.measurement"].search(
            self._get_window_domain(report), order="period_start"
        )
        return facts.mapped("value")

    def _find_revision(self, domain):
        """Id of the latest correction of values; 0 where there is none."""
        # That values were corrected, never which: the KPI itself is readable.
        revisions = self.env["kpi.measurement.revision"].sudo()
        return revisions.search(domain, order="id desc", limit=1).id or 0

    def _describe_correction(self):
        """Say that values of the mean were corrected since; empty if they were not."""
        if not self.frozen_at or self.baseline_value is False:
            return ""
        latest = self._find_revision(self._get_window_domain(self.report_id))
        known = self._read_window(self.report_id)
        if latest <= self.frozen_revision and len(known) == self.baseline_count:
            return ""
        if not known:
            return self.env._("The values of the average are gone.")
        mean = float(np.mean(known))
        if isclose(mean, self.baseline_value, rel_tol=1e-9):
            return ""
        return self.env._(
            "Values were corrected since it was frozen: their average is %(mean)s now.",
            mean=f"{mean:.6g}",
        )

from odoo import api, fields, models
from odoo.fields import Domain

from ..calendar.kpi_calendar import GRAINS

STATES = [
    ("draft", "Draft"),
    ("submitted", "Waiting for approval"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
]


class KpiSubmission(models.Model):
    """A person's entry of the value of a KPI in one period.

    A document with a workflow, written by its methods only. Once approved (at once,
    where nobody has to approve) its value becomes the fact of the period. It is never
    changed then: a correction is a new version, and the old one stays readable.
    """

    _name = "kpi.submission"
    _description = "KPI Entry"
    _inherit = [
        "kpi.readonly.mixin",
        "kpi.approval.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "period_start desc, version desc, id desc"
    _rec_name = "report_id"
    _mail_post_access = "read"

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    definition_id = fields.Many2one(
        related="report_id.definition_id", string="Definition", store=True
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    unit = fields.Selection(related="report_id.unit")
    decimals = fields.Integer(related="report_id.decimals")
    currency_id = fields.Many2one(related="report_id.currency_id")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")

    grain = fields.Selection(
        GRAINS, "Period Length", required=True, readonly=True, default="month"
    )
    period_start = fields.Date(required=True, readonly=True)
    period_label = fields.Char("Period", compute="_compute_period_label")
    contributor_id = fields.Many2one(
        "res.users",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Person the value belongs to. Empty if the KPI has a single value.",
    )
    value = fields.Float(
        required=True, readonly=True, tracking=True, aggregator=False, digits=0
    )
    weight = fields.Float(
        readonly=True,
        default=1.0,
        aggregator=False,
        digits=0,
        help="Number of answers, hours or people the value represents, if the "
        "values of several people make a weighted average.",
    )
    note = fields.Text(
        readonly=True, help="Where the value comes from and anything special about it."
    )
    attachment_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        string="Attachments",
        domain=[("res_model", "=", "kpi.submission")],
        readonly=True,
    )
    state = fields.Selection(
        STATES,
        "Status",
        required=True,
        readonly=True,
        default="draft",
        tracking=True,
        index=True,
    )
    entered_by_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        index=True,
    )
    is_for_other = fields.Boolean(
        "Entered for Someone Else",
        readonly=True,
        help="Entered by a manager or KPI officer on behalf of the person assigned.",
    )
    submitted_at = fields.Datetime(readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    rejection_reason = fields.Char(readonly=True)
    due_date = fields.Date(readonly=True, index=True)
    is_late = fields.Boolean("Late", readonly=True, help="Entered after the due date.")

    version = fields.Integer(readonly=True, default=1, aggregator=False)
    corrects_id = fields.Many2one("kpi.submission", "Corrected Entry", readonly=True)
    correction_reason = fields.Char(readonly=True)
    is_current = fields.Boolean(
        "Current",
        readonly=True,
        default=True,
        help=(
            "The entry counts or waits for approval. It has not been superseded or "
            "withdrawn."
        ),
    )
    withdrawn_by_id = fields.Many2one("res.users", readonly=True)
    withdrawn_at = fields.Datetime(readonly=True)
    withdrawal_reason = fields.Char(readonly=True)
    can_change = fields.Boolean(compute="_compute_can_change", exportable=False)

    _accepted_uniq = models.UniqueIndex(
        "(report_id, grain, period_start, COALESCE(contributor_id, 0))"
        " WHERE is_current AND state = 'approved'",
        "Someone else entered a value for this period at the same time. Check "
        "it, and correct it if it is wrong.",
    )
    _open_uniq = models.UniqueIndex(
        "(report_id, grain, period_start, COALESCE(contributor_id, 0))"
        " WHERE is_current AND state <> 'approved'",
        "This period already has an entry waiting for approval.",
    )
    _slot_idx = models.Index("(report_id, grain, period_start)")
    _value_finite = models.Constraint(
        "CHECK (value > '-Infinity' AND value < 'Infinity')",
        "A value must be a finite number.",
    )
    _weight_finite = models.Constraint(
        "CHECK (weight > 0 AND weight < 'Infinity')",
        "A weight must be a number above 0.",
    )
    _correction_reasoned = models.Constraint(
        "CHECK (version = 1 OR correction_reason IS NOT NULL)",
        "Enter a reason for the correction.",
    )

    @api.depends("report_id", "grain", "period_start")
    def _compute_period_label(self):
        labels = {}
        for submission in self:
            calendar = submission.report_id.definition_id.calendar_id
            key = (calendar, submission.grain, submission.period_start)
            if key not in labels:
                labels[key] = calendar._period_label(submission._period())
            submission.period_label = labels[key]

    @api.depends("report_id", "grain", "period_start", "contributor_id")
    def _compute_display_name(self):
        for submission in self:
            parts = (
                submission.report_id.name,
                submission.period_label,
                # Whose part it is stands on it, for whoever sees the KPI.
                submission.contributor_id.sudo().name,
            )
            submission.display_name = ", ".join(part for part in parts if part)

    @api.depends_context("uid")
    @api.depends("report_id", "contributor_id", "is_current")
    def _compute_can_change(self):
        enterable = self.report_id._filter_enterable()
        for_others = enterable._filter_enterable_for_others()
        for submission in self:
            is_mine = submission.contributor_id in (
                self.env.user.browse(),
                self.env.user,
            )
            allowed = enterable if is_mine else for_others
            submission.can_change = (
                submission.is_current and submission.report_id in allowed
            )

    def _period(self):
        self.ensure_one()
        calendar = self.report_id.definition_id.calendar_id
        return calendar._period(self.grain, self.period_start)

    @api.model
    def _slots(self, keys):
        """Current entries of periods.

        :param keys: iterable of (report, ``Period``)
        :return: dict (report id, period start, contributor id) → entries; the accepted
            one before the one that waits
        """
        reports, periods = zip(*keys, strict=True)
        rows = self.search(
            Domain("report_id", "in", [report.id for report in reports])
            & Domain("period_start", "in", [period.start for period in periods])
            & Domain("is_current", "=", True),
            order="state, id",  # “approved” comes first
        )
        return rows.filtered(
            lambda row: row.grain == row.report_id.definition_id.frequency
        ).grouped(
            lambda row: (row.report_id.id, row.period_start, row.contributor_id.id)
        )

from odoo import api, fields, models

from odoo.addons.kpi_base.fields import KnownFloat

from ...engine.scorecard import USUAL_CAP
from ...engine.status import ACHIEVEMENT_CAP
from ..report.kpi_report import JUDGED, STATUSES

SCORE_LABELS = [
    ("critical", "Critical"),
    ("poor", "Poor"),
    ("fair", "Fair"),
    ("good", "Good"),
    ("excellent", "Excellent"),
]


def is_judged(group):
    """Return whether a scorecard has a weighted achievement."""
    return group.status in JUDGED


class KpiReportGroup(models.Model):
    """Scorecard: KPIs with weights, and the one figure that they add up to.

    The figure is stored on the record, so that lists sort and group by it;
    ``_refresh_current`` fills it from the stored achievements of the KPIs.
    """

    _name = "kpi.report.group"
    _description = "Scorecard"
    _inherit = [
        "kpi.access.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "distance_percent desc, name, id"
    _check_company_auto = True
    _rec_names_search = ["name", "code"]
    _mail_post_access = "read"
    _readable_by = ("company_id", "department_id", "member_ids", "owner_id")
    _editable_by = ("company_id", "department_id", "owner_id")

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(help="Short name for imports and exchange, such as sales_q.")
    active = fields.Boolean(default=True, tracking=True)
    description = fields.Html(
        help=("What the team wants to achieve and how the KPIs are weighted.")
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    department_id = fields.Many2one(
        "hr.department", index="btree_not_null", check_company=True, tracking=True
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        index="btree_not_null",
        tracking=True,
        default=lambda self: self.env.user,
    )
    member_ids = fields.Many2many(
        "res.users",
        "kpi_report_group_member_rel",
        string="Members",
        domain=[("share", "=", False)],
        help="People who can see this scorecard and its total. They only see "
        "the KPIs they have access to.",
    )
    line_ids = fields.One2many("kpi.report.group.line", "group_id", "KPIs", copy=True)
    frequency = fields.Selection(
        [
            ("day", "Daily"),
            ("week", "Weekly"),
            ("month", "Monthly"),
            ("quarter", "Quarterly"),
            ("year", "Yearly"),
        ],
        "Periods",
        required=True,
        default="month",
        help="Period length of the history.",
    )
    achievement_cap = fields.Float(
        "Cap (%)",
        default=USUAL_CAP,
        tracking=True,
        aggregator=False,
        help="Maximum achievement that counts for one KPI. At 100, a KPI above "
        "its target does not make up for another one below its target.",
    )

    achievement = KnownFloat(
        "Weighted Achievement (%)",
        readonly=True,
        aggregator="avg",
        copy=False,
        known=is_judged,
    )
    distance_percent = fields.Float(
        "Distance to Target (%)",
        readonly=True,
        aggregator=False,
        copy=False,
        default=-1.0,
        help="Distance to 100 %. 0 = reached; -1 if no KPI counts.",
        exportable=False,
    )
    status = fields.Selection(
        STATUSES,
        readonly=True,
        copy=False,
        default="no_data",
        index=True,
        group_expand=True,
    )
    score_label = fields.Selection(SCORE_LABELS, "Rating", readonly=True, copy=False)
    line_count = fields.Integer(
        "KPIs Tracked", readonly=True, copy=False, aggregator=False
    )
    value_count = fields.Integer(
        "KPIs with a Value", readonly=True, copy=False, aggregator=False
    )
    counted_count = fields.Integer(
        "KPIs Included", readonly=True, copy=False, aggregator=False
    )
    counted_weight = fields.Float(
        readonly=True, copy=False, aggregator=False, exportable=False
    )
    current_period_stop = fields.Date(
        "Period End", readonly=True, copy=False, exportable=False
    )
    last_measured_at = fields.Datetime("Last Update", readonly=True, copy=False)

    _code_uniq = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "A scorecard with this code already exists in this company.",
    )
    _achievement_cap_range = models.Constraint(
        f"CHECK (achievement_cap BETWEEN 100 AND {int(ACHIEVEMENT_CAP)})",
        "The cap of a scorecard is a percentage from 100 to"
        f" {int(ACHIEVEMENT_CAP)}: at 100, nothing beyond a target counts.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals.setdefault("company_id", self._default_company(vals).id)
        groups = super().create(vals_list)
        groups._refresh_current()
        return groups

    @api.model
    def _default_company(self, vals):
        """The company of the department before that of the user."""
        department = self.env["hr.department"].browse(vals.get("department_id") or ())
        # Only its company; creating the scorecard checks the rights.
        return department.sudo().company_id or self.env.company

    def write(self, vals):
        result = super().write(vals)
        if not {"owner_id", "department_id", "company_id"}.isdisjoint(vals):
            # Odoo looks at the record before the change only.
            self.check_access("write")
        if "achievement_cap" in vals:
            self._refresh_current()
        return result

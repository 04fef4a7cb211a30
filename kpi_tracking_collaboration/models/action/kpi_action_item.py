from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.fields import OptionalFloat

LONGEST_NAME = 80
ORIGINS = {"discussion_id": "kpi_id", "alert_event_id": "report_id"}


class KpiActionItem(models.Model):
    """What somebody does about a KPI by a day.

    Whoever sees the KPI sees it and adds one. It is changed by whoever does it or
    created it, or may change the KPI.
    """

    _name = "kpi.action.item"
    _description = "KPI Action"
    _inherit = [
        "kpi.access.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.invited.thread.mixin",
    ]
    _order = "due_date, id"
    _mail_post_access = "read"
    _readable_by = ("report_id",)
    _editable_by = ("assigned_to", "report_id")
    _staying = ("alert_event_id", "discussion_id", "report_id")

    name = fields.Char(compute="_compute_name", store=True, precompute=True)
    description = fields.Text("Action", required=True, tracking=True)
    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="report_id.company_id", store=True, precompute=True, index=True
    )
    discussion_id = fields.Many2one(
        "kpi.discussion", ondelete="set null", index="btree_not_null"
    )
    alert_event_id = fields.Many2one(
        "kpi.alert.event", "Alert", ondelete="set null", index="btree_not_null"
    )
    assigned_to = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        ondelete="restrict",
    )
    due_date = fields.Date(tracking=True)
    expected_effect = OptionalFloat(
        "Expected Change",
        aggregator=False,
        help="By how much the KPI is to be higher, or lower (−), in its own unit.",
    )
    expected_by = fields.Date()
    unit = fields.Selection(related="report_id.unit")
    decimals = fields.Integer(related="report_id.decimals")
    currency_id = fields.Many2one(related="report_id.currency_id")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")

    @api.depends("description")
    def _compute_name(self):
        for item in self:
            lines = (item.description or "").strip().splitlines()
            name = lines[0].strip() if lines else ""
            is_long = len(name) > LONGEST_NAME
            item.name = f"{name[:LONGEST_NAME].rstrip()}…" if is_long else name

    @api.constrains("description")
    def _check_description(self):
        for item in self:
            if not item.name:
                raise ValidationError(self.env._("Say what is to be done."))

    @api.constrains("alert_event_id", "discussion_id", "report_id")
    def _check_origin(self):
        for item in self:
            item.alert_event_id._check_discussable(item.report_id)
            # Whoever adds it names the discussion; what is asked is its KPI.
            discussion = item.discussion_id.sudo()
            if discussion and discussion.kpi_id != item.report_id:
                raise ValidationError(
                    self.env._("An action is about the KPI of its discussion.")
                )

    @api.constrains("assigned_to", "report_id")
    def _check_assigned_to(self):
        for item in self:
            item._check_invited(item.assigned_to.partner_id)

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create([self._with_origin(vals) for vals in vals_list])
        items._follow_status()
        items._tell_assigned()
        self.env["kpi.event"]._emit("action.created", items)
        return items

    def write(self, vals):
        before = {item: (item.assigned_to, item.status) for item in self}
        result = super().write(vals)
        if "status" in vals:
            changed = self.filtered(lambda item: item.status != before[item][1])
            changed._follow_status()
            changed._emit_status()
        if "assigned_to" in vals:
            self.filtered(lambda i: i.assigned_to != before[i][0])._tell_assigned()
        return result

    @api.model
    def _with_origin(self, vals):
        """Values with the KPI that the discussion or the alert is about."""
        if vals.get("report_id"):
            return vals
        for name, path in ORIGINS.items():
            origin = self.env[self._fields[name].comodel_name].browse(
                vals.get(name) or ()
            )
            if origin:
                origin.check_access("read")
                return {**vals, "report_id": origin[path].id}
        return vals

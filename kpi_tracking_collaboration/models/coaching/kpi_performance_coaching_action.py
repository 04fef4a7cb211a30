from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError


class KpiPerformanceCoachingAction(models.Model):
    """What one of the two does until a day, agreed in a coaching.

    It is no ``kpi.action.item``: those are for everybody who sees the KPI, with
    messages, followers, reminders by name, and webhooks.
    """

    _name = "kpi.performance.coaching.action"
    _description = "Action of a Coaching"
    _inherit = ["kpi.performance.coaching.part.mixin"]
    _order = "coaching_id, due_date, id"
    _rec_name = "description"
    _progressing = ("status",)

    description = fields.Text("Action", required=True)
    assigned_to = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        compute="_compute_assigned_to",
        store=True,
        precompute=True,
        readonly=False,
        ondelete="restrict",
        domain="[('id', 'in', [employee_id, coach_id])]",
    )
    due_date = fields.Date()
    status = fields.Selection(
        [
            ("open", "Open"),
            ("in_progress", "In Progress"),
            ("completed", "Completed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="open",
        copy=False,
    )
    coach_id = fields.Many2one(related="coaching_id.coach_id", exportable=False)
    employee_id = fields.Many2one(related="coaching_id.employee_id", exportable=False)

    @api.depends("coaching_id.employee_id")
    def _compute_assigned_to(self):
        for action in self:
            if not action.assigned_to:
                action.assigned_to = action.coaching_id.employee_id

    @api.constrains("assigned_to", "coaching_id")
    def _check_assigned_to(self):
        for action in self:
            coaching = action.coaching_id
            if action.assigned_to not in coaching.coach_id | coaching.employee_id:
                raise ValidationError(
                    self.env._("Choose the coach or the employee for an action.")
                )

    @api.constrains("description")
    def _check_description(self):
        for action in self:
            if not action.description.strip():
                raise ValidationError(self.env._("Say what is to be done."))

    def _check_progress(self):
        """Whoever does it says how far it is, and the coach; also once it is signed."""
        for action in self:
            action.coaching_id._check_open()
            if self.env.user not in action.assigned_to | action.coaching_id.coach_id:
                raise AccessError(
                    self.env._("Only who does it, or the coach, says how far it is.")
                )

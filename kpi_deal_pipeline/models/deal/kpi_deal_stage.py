from odoo import api, fields, models

PIPELINE_STAGES = [
    ("lead_captured", "Lead captured"),
    ("qualification", "Qualification"),
    ("needs_analysis", "Needs analysis"),
    ("proposal", "Proposal"),
    ("negotiation", "Negotiation"),
    ("agreement", "Agreement"),
    ("due_diligence", "Due diligence"),
    ("awaiting_closure", "Awaiting closure"),
    ("closed_won", "Won"),
    ("closed_lost", "Lost"),
]
CLOSED_STAGES = ("closed_won", "closed_lost")


class KpiDealStage(models.Model):
    """What is expected of deals in one of the ten stages."""

    _name = "kpi.deal.stage"
    _description = "Stage of Deals"
    _order = "id"
    _rec_name = "stage"

    stage = fields.Selection(PIPELINE_STAGES, required=True, readonly=True)
    norm_days = fields.Integer(
        "Usual Days", help="A deal that stays longer is marked; 0 = never."
    )
    required_field_ids = fields.Many2many(
        "ir.model.fields",
        string="Required Fields",
        domain=[
            ("model", "=", "kpi.deal"),
            ("store", "=", True),
            ("readonly", "=", False),
        ],
        help="A deal comes into this stage only when these are filled.",
    )

    _stage_uniq = models.UniqueIndex("(stage)", "This stage is there already.")
    _norm_days_check = models.Constraint(
        "CHECK (norm_days >= 0)", "The usual days cannot be negative."
    )

    @api.depends("stage")
    def _compute_display_name(self):
        labels = dict(self._fields["stage"]._description_selection(self.env))
        for stage in self:
            stage.display_name = labels.get(stage.stage, "")

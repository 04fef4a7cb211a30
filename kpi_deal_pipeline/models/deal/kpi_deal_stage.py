from random import randint

from odoo import api, fields, models, tools

from ...analytics.win_probability import PRIOR_DEALS
from ...engine.kinds import PIPELINE_STAGES

CLOSED_STAGES = ("closed_won", "closed_lost")


class KpiDealStage(models.Model):
    """Expectations of deals in one of the ten stages."""

    _name = "kpi.deal.stage"
    _description = "Deal Stage"
    _order = "id"
    _rec_name = "stage"

    stage = fields.Selection(PIPELINE_STAGES, required=True, readonly=True)
    norm_days = fields.Integer(
        "Usual Days", help="Deals that stay longer are highlighted. 0 means never."
    )
    required_field_ids = fields.Many2many(
        "ir.model.fields",
        string="Required Fields",
        domain=[
            ("model", "=", "kpi.deal"),
            ("store", "=", True),
            ("readonly", "=", False),
        ],
        help="Must be filled in before a deal enters this stage.",
    )
    win_rate = fields.Float(
        "Usual Win Rate",
        digits=(4, 3),
        default=0.5,
        help="Expected share of deals in this stage that are won. Weighs as much as"
        f" {PRIOR_DEALS} past deals.",
    )

    _stage_uniq = models.UniqueIndex("(stage)", "This stage already exists.")
    _norm_days_check = models.Constraint(
        "CHECK (norm_days >= 0)", "“Usual Days” cannot be negative."
    )
    _win_rate_check = models.Constraint(
        "CHECK (win_rate >= 0 AND win_rate <= 1)",
        "The usual win rate must be between 0% and 100%.",
    )

    @api.depends("stage")
    def _compute_display_name(self):
        labels = dict(self._fields["stage"]._description_selection(self.env))
        for stage in self:
            stage.display_name = labels.get(stage.stage, "")

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @tools.ormcache()
    def _get_required_field_names(self):
        """Stage → names of the fields that its deals have filled."""
        # Whoever moves a deal learns what is missing, whatever else they may read.
        stages = self.sudo().search([("required_field_ids", "!=", False)])
        return {
            each.stage: tuple(each.required_field_ids.mapped("name")) for each in stages
        }

    @tools.ormcache()
    def _norms(self):
        """Stage → days that deals usually stay; none for stages without."""
        # As above.
        stages = self.sudo().search([("norm_days", ">", 0)])
        return {each.stage: each.norm_days for each in stages}

    @tools.ormcache()
    def _win_rates(self):
        """Stage → usual win rate."""
        # Whoever sees a deal sees how likely it is won, whatever else they may read.
        return {each.stage: each.win_rate for each in self.sudo().search([])}


class KpiDealTag(models.Model):
    """Free label of deals."""

    _name = "kpi.deal.tag"
    _description = "Deal Tag"
    _order = "name"
    _kpi_measurable = True

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(default=lambda self: randint(1, 11))

    _name_uniq = models.UniqueIndex("(name)", "A tag with this name already exists.")

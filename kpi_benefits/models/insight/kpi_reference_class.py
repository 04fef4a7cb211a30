from odoo import fields, models

from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.percent import say_percent


class KpiReferenceClass(models.Model):
    """How far projects of a kind ended beyond their plan, by a study that is named."""

    _name = "kpi.reference.class"
    _description = "Reference Class"
    _inherit = ["kpi.input.mixin"]
    _order = "measure, name, id"

    name = fields.Char("Kind of Project", required=True, translate=True)
    measure = fields.Selection(
        [("cost_overrun", "Cost overrun"), ("time_overrun", "Time overrun")],
        required=True,
        default="cost_overrun",
    )
    low = OptionalFloat(
        "From",
        required=True,
        digits=(6, 4),
        aggregator=False,
        help="Beyond the plan, where risks were managed well.",
    )
    high = OptionalFloat(
        "To",
        required=True,
        digits=(6, 4),
        aggregator=False,
        help="Beyond the plan, where nothing was done about risks.",
    )
    source = fields.Char(required=True, help="Who published it, and where.")
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", ondelete="cascade", help="Empty: all."
    )

    _class_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), measure, name, source)",
        "This source says so of this kind of project already.",
    )
    _bounds_ordered = models.Constraint(
        "CHECK (low > -1 AND low <= high AND high <= 10)",
        "A range goes from a lower to a higher share, above −100 % and up to 1,000 %.",
    )

    def _explain(self):
        """Say what a study found of projects of this kind."""
        return self.env._(
            "%(kind)s: %(low)s to %(high)s (%(study)s).",
            kind=self.name,
            low=say_percent(self.env, self.low, digits=0),
            high=say_percent(self.env, self.high, digits=0),
            study=self.source,
        )

from odoo import api, fields, models

from odoo.addons.kpi_base.actions import open_list


class KpiKudosPair(models.TransientModel):
    """Two people who thank each other more than chance explains, for officers."""

    _name = "kpi.kudos.pair"
    _description = "Mutual Kudos Pair"
    _rec_name = "first_id"

    first_id = fields.Many2one("res.users", readonly=True)
    second_id = fields.Many2one("res.users", readonly=True)
    given = fields.Integer("First to Second", readonly=True, aggregator=None)
    returned = fields.Integer("Second to First", readonly=True, aggregator=None)
    expected = fields.Float(
        "Expected Total",
        readonly=True,
        aggregator=None,
        digits=(16, 1),
        help="Expected from their other kudos.",
    )

    @api.model
    def action_find(self):
        """Look for pairs in the current company, and list them."""
        self.check_access("create")
        # Officers review what people give, shown or not.
        found = self.env["kpi.kudos"].sudo()._find_pairs(self.env.company)
        pairs = self.create([pair._asdict() for pair in found])
        found = [("id", "in", pairs.ids)]
        return open_list(self.env, "kpi_gamification.kpi_kudos_pair_action", found)

from odoo import Command, api, fields, models

from odoo.addons.kpi_base.actions import open_list


class KpiKudosPair(models.TransientModel):
    """People who thank each other more than chance explains, for officers: two, a ring
    of up to six, or one who favors another.
    """

    _name = "kpi.kudos.pair"
    _description = "Mutual Kudos Pair"
    _rec_name = "first_id"

    kind = fields.Selection(
        [("pair", "Pair"), ("ring", "Ring"), ("patron", "One-Way")],
        "Type",
        readonly=True,
        default="pair",
    )
    other_ids = fields.Many2many("res.users", string="Others in Ring", readonly=True)
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
        kudos = self.env["kpi.kudos"].sudo()
        rings, patrons = kudos._find_rings(self.env.company)
        pairs = self.create(
            [
                *(self._prepare_ring("ring", ring) for ring in rings),
                *(pair._asdict() for pair in kudos._find_pairs(self.env.company)),
                *(self._prepare_ring("patron", one) for one in patrons),
            ]
        )
        found = [("id", "in", pairs.ids)]
        return open_list(self.env, "kpi_gamification.kpi_kudos_pair_action", found)

    def _prepare_ring(self, kind, ring):
        first, second, *others = ring.ids
        return {
            "kind": kind,
            "first_id": first,
            "second_id": second,
            "other_ids": [Command.set(others)],
            "given": ring.given,
            "expected": ring.expected,
        }

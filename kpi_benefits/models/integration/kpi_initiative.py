from odoo import models


class KpiInitiative(models.Model):
    """What programs are told of an initiative beside its fields."""

    _name = "kpi.initiative"
    _inherit = ["kpi.initiative", "kpi.dated.mixin"]

    def _sum_up_benefits(self):
        """The benefits that the user may see, added up: all, by type, by status."""
        self.ensure_one()
        # Not the list of the initiative, which may hold what the user cannot see.
        benefits = self.env["kpi.benefit.realization"].search(
            [("initiative_id", "=", self.id)]
        )
        return {
            "total": benefits._sum_up(),
            "by_type": _sum_up_groups(benefits, "benefit_type"),
            "by_status": _sum_up_groups(benefits, "status"),
        }


def _sum_up_groups(benefits, name):
    return {key: group._sum_up() for key, group in benefits.grouped(name).items()}

from odoo import models


class KpiInitiative(models.Model):
    """What programs are told of an initiative beside its fields."""

    _name = "kpi.initiative"
    _inherit = ["kpi.initiative", "kpi.dated.mixin"]

    def _sum_up_benefits(self):
        """The benefits that the user may see, added up: all, by type, by status.

        Of a programme, those of the initiatives below it count as well.
        """
        self.ensure_one()
        benefits = self._group_benefits()[self]
        return {
            "total": benefits._sum_up(),
            "by_type": _sum_up_groups(benefits, "benefit_type"),
            "by_status": _sum_up_groups(benefits, "status"),
        }


def _sum_up_groups(benefits, name):
    return {key: group._sum_up() for key, group in benefits.grouped(name).items()}

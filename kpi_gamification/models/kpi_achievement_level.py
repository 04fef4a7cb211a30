from odoo import api, fields, models
from odoo.fields import Domain


class KpiAchievementLevel(models.Model):
    """A level that people reach by the points they ever earned, spent ones included.

    Those without a company hold in companies that have none.
    """

    _name = "kpi.achievement.level"
    _description = "Achievement Level"
    _inherit = ["kpi.input.mixin"]
    _order = "company_id, least_points, id"

    name = fields.Char(required=True, translate=True)
    least_points = fields.Integer("From Points", required=True, aggregator=None)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        help="Leave empty to use it in companies without separate levels.",
    )

    _least_points_positive = models.Constraint(
        "CHECK (least_points >= 0)", "“From Points” must be 0 or more."
    )
    _company_points_uniq = models.UniqueIndex(
        "(coalesce(company_id, 0), least_points)",
        "Another level already begins at these points.",
    )

    @api.model
    def _get_level(self, company, points):
        """The level of a person.

        :param points: that they ever earned in the company
        :return: dict of ``number`` (0: below the first), ``name``, ``ratio`` (of the
            way to the next one, 0 to 1), ``missing`` (points to it) and ``next`` (its
            number); both False on the last
        """
        known = Domain("company_id", "in", [company.id, False])
        levels = self.search_fetch(known, ["name", "least_points", "company_id"])
        levels = levels.sorted("least_points")
        own = levels.filtered("company_id")
        levels = own or levels
        reached = levels.filtered(lambda level: level.least_points <= points)
        upper = levels[len(reached) :][:1]
        floor = reached[-1:].least_points or 0
        span = upper.least_points - floor
        return {
            "number": len(reached),
            "name": reached[-1:].name or "",
            "ratio": (points - floor) / span if upper and span else 1.0,
            "missing": bool(upper) and upper.least_points - points,
            "next": bool(upper) and len(reached) + 1,
        }

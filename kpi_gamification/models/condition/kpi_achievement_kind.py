from odoo import models

PREFIX = "kpi.achievement.kind."


class KpiAchievementKind(models.AbstractModel):
    """A kind of condition: one SELECT, and one sentence.

    An addon adds one by a file::

        class KpiAchievementKindVisits(models.AbstractModel):
            _name = "kpi.achievement.kind.visits"
            _inherit = ["kpi.achievement.kind"]
            _description = "Visited customers"
            _uses = ("least",)

            def _rows_sql(self, asked, condition):
                return SQL("SELECT user_id, count(*) AS done, '{}'::int[] AS ids …")

            def _say(self, condition):
                return self.env._("%s visits", condition["least"])
    """

    _name = "kpi.achievement.kind"
    _description = "Kind of Condition"

    _uses: tuple[str, ...] = ("least",)  # fields of the condition that it reads
    _is_count = True  # what it counts may be said as "2 of 3"

    def _rows_sql(self, asked, condition):
        """SQL of a row per person: ``user_id``, ``done`` (a number that has to be at
        least the condition's), ``ids`` (integers: the judgements that it stands on).

        Whoever has no row cannot meet the condition.

        :param asked: ``Asked`` of ``kpi.gamification.outcome``: whose, when, by what
        :param condition: dict of the condition's fields, as the version holds them
        """
        raise NotImplementedError(f"{self._name} has no method _rows_sql")

    def _say(self, condition):
        """The condition as a part of a sentence."""
        raise NotImplementedError(f"{self._name} has no method _say")

    def _name_kpi(self, condition):
        # What an achievement is for is said to all who can earn it.
        kpi = self.env["kpi.definition"].sudo().browse(condition["definition_id"] or ())
        return kpi.exists().name or self.env._("a KPI that is gone")

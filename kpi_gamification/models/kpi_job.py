from math import ceil

from odoo import fields, models
from odoo.tools import SQL

from .kpi_achievement_correction import MOST


class KpiJob(models.Model):
    """Decides achievements, some days after each period."""

    _inherit = "kpi.job"

    kind = fields.Selection(
        selection_add=[("award", "Achievements")], ondelete={"award": "cascade"}
    )

    def _enqueue_regular(self):
        result = super()._enqueue_regular()
        if self.env["kpi.achievement.closing"]._find_due():
            self._enqueue_awards()
        return result

    def _enqueue_awards(self):
        # Whoever changes a value causes it; jobs are the engine's.
        jobs = self.sudo()
        return jobs._enqueue(jobs.env._("Achievements"), "award")

    def _award_at_once(self, kind, people):
        """Give what an event earns as soon as it is stored.

        :param kind: of the condition, as "entered"
        :param people: ``SQL`` of a SELECT of the ids of those who did it
        """
        self.env.flush_all()
        query = SQL(
            """
            SELECT EXISTS (
              SELECT
                FROM kpi_achievement_condition AS condition
                JOIN kpi_achievement AS achievement
                  ON achievement.id = condition.achievement_id
                JOIN (%(people)s) AS person(id) ON TRUE
               WHERE condition.kind = %(kind)s
                 AND achievement.active
                 AND NOT EXISTS (SELECT FROM kpi_user_achievement AS award
                                  WHERE award.achievement_id = achievement.id
                                    AND award.user_id = person.id))
            """,
            kind=kind,
            people=people,
        )
        if self.env.execute_query(query)[0][0]:
            self._enqueue_awards()

    def _run_award(self):
        """A step for each period of a company, then those for corrections.

        What was decided is known by its row: a run that was cut off goes on with the
        rest.
        """
        closings = self.env["kpi.achievement.closing"]
        stale = [("is_stale", "=", True)]
        marked = self.env["kpi.achievement.correction"].search_count(stale)

        def step(method, *due):
            return method(*due)

        steps = [(closings._award_at_once,)]
        steps += [(closings._close, *due) for due in closings._find_due()]
        steps += [(closings._review_marked,)] * ceil(marked / MOST)
        return self._run_steps(step, steps)

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.roles import OFFICER


class KpiDashboardVisit(models.Model):
    """How often somebody has looked at a dashboard on a day, and when last."""

    _name = "kpi.dashboard.visit"
    _description = "Dashboard Visit"
    _order = "day desc, id desc"
    _rec_name = "dashboard_id"
    _log_access = False

    dashboard_id = fields.Many2one(
        "kpi.dashboard", required=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="cascade", index=True
    )
    day = fields.Date(required=True, readonly=True)
    view_count = fields.Integer("Views", required=True, readonly=True)
    last_at = fields.Datetime(
        "Last View", readonly=True, help="Empty if it was shown on a TV only."
    )

    _dashboard_user_day_uniq = models.UniqueIndex("(dashboard_id, user_id, day)")

    # Both refuse whoever asks: there is nothing to hand on to.
    # pylint: disable=method-required-super,useless-suppression

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(
            self.env._("Visits are counted automatically and cannot be entered.")
        )

    def write(self, vals):
        raise UserError(
            self.env._("Visits are counted automatically and cannot be entered.")
        )


class KpiDashboard(models.Model):
    """Dashboards that are looked at."""

    _inherit = "kpi.dashboard"

    view_count = fields.Integer(
        "Views in 30 Days",
        compute="_compute_view_count",
        groups=OFFICER,
    )

    @api.depends_context("uid")
    def _compute_view_count(self):
        counts = dict(
            self.env["kpi.dashboard.visit"]._read_group(
                [("dashboard_id", "in", self.ids), ("day", ">=", "today -30d")],
                ["dashboard_id"],
                ["view_count:sum"],
            )
        )
        for dashboard in self:
            dashboard.view_count = counts.get(dashboard, 0)

    def count_view(self, is_on_tv: bool = False):
        """Count a look at these dashboards; called once they are on the screen.

        :param is_on_tv: they are used, but whoever started the show may not be there:
            what changed since they looked themselves is told them all the same
        """
        self.check_access("read")
        shown = self.filtered(lambda dashboard: not dashboard.draft_of_id)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kpi_dashboard_visit
                       (dashboard_id, user_id, day, view_count, last_at)
                SELECT dashboard_id, %(user)s, %(today)s, 1,
                       CASE WHEN NOT %(is_on_tv)s THEN now() AT TIME ZONE 'UTC' END
                  FROM unnest(%(ids)s::int[]) AS dashboard_id
                    ON CONFLICT (dashboard_id, user_id, day)
                    DO UPDATE SET view_count = kpi_dashboard_visit.view_count + 1,
                                  last_at = COALESCE(EXCLUDED.last_at,
                                                     kpi_dashboard_visit.last_at)
                """,
                user=self.env.uid,
                today=fields.Date.context_today(self),
                is_on_tv=is_on_tv,
                ids=sorted(shown.ids),
            )
        )
        self.env["kpi.dashboard.visit"].invalidate_model()
        return True

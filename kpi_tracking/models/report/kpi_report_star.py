from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL


class KpiReport(models.Model):
    """KPIs that people mark for themselves: the overview shows these first."""

    _inherit = "kpi.report"

    starred_user_ids = fields.Many2many(
        "res.users",
        "kpi_report_star_rel",
        string="Starred By",
        copy=False,
        groups=fields.NO_ACCESS,
    )
    is_starred = fields.Boolean(
        "Starred",
        compute="_compute_is_starred",
        search="_search_is_starred",
        help="Shown first on your overview.",
    )

    @api.depends_context("uid")
    @api.depends("starred_user_ids")
    def _compute_is_starred(self):
        for report in self:
            # Each user is told of their own star only.
            report.is_starred = self.env.user in report.sudo().starred_user_ids

    def _search_is_starred(self, operator, value):
        if operator != "in":
            return NotImplemented
        starred = SQL(
            "SELECT kpi_report_id FROM kpi_report_star_rel WHERE res_users_id = %s",
            self.env.uid,
        )
        domain = Domain("id", "in", starred)
        return domain if True in value else ~domain

    def star(self, is_starred=True):
        """Mark these KPIs for the user, or take the mark away.

        :raises AccessError: the user may not see one of them
        """
        self.check_access("read")
        link = Command.link if is_starred else Command.unlink
        # Who sees a KPI may star it: nothing but the own mark.
        self.sudo().write({"starred_user_ids": [link(self.env.uid)]})
        return True

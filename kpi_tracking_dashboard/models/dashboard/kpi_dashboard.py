from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS

COMPARISONS = [
    ("previous", "Previous period"),
    ("year", "Same period last year"),
    ("none", "No comparison"),
]
ASKED = {  # what the statement below reads
    "hr.department": ["manager_id", "parent_path"],
    "hr.employee": ["active", "current_version_id", "user_id"],
    "hr.version": ["department_id"],
}


class KpiDashboard(models.Model):
    """KPIs side by side, as somebody has arranged them.

    What is kept is the arrangement. The numbers are those that each reader may see.
    """

    _name = "kpi.dashboard"
    _description = "KPI Dashboard"
    _inherit = ["kpi.access.mixin", "kpi.input.mixin"]
    _order = "sequence, name, id"
    _readable_by = ("company_id", "owner_id", "group_ids", "department_ids", "user_ids")
    _editable_by = ("company_id", "owner_id")

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    icon = fields.Char(help="Name of a Font Awesome icon, such as fa-line-chart.")
    description = fields.Text(translate=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Leave empty to share the dashboard between companies.",
    )
    owner_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user, index=True
    )
    group_ids = fields.Many2many(
        "res.groups",
        string="Groups",
        help=(
            "Members of these groups see the dashboard with the KPIs they have "
            "access to."
        ),
    )
    department_ids = fields.Many2many(
        "hr.department",
        string="Departments",
        help="Shared with employees and managers of these departments and their "
        "sub-departments, and with the managers above.",
    )
    user_ids = fields.Many2many(
        "res.users",
        "kpi_dashboard_user_rel",
        string="People",
        domain=[("share", "=", False)],
    )
    is_default = fields.Boolean(
        "Shown First",
        help="The first dashboard that people it is shared with see.",
    )
    favorite_user_ids = fields.Many2many(
        "res.users",
        "kpi_dashboard_favorite_rel",
        string="Favorite Of",
        copy=False,
        groups=fields.NO_ACCESS,
    )
    is_favorite = fields.Boolean(
        "Favorite",
        compute="_compute_is_favorite",
        inverse="_inverse_is_favorite",
        search="_search_is_favorite",
    )
    tile_ids = fields.One2many("kpi.dashboard.tile", "dashboard_id", "Tiles", copy=True)
    tile_count = fields.Integer(compute="_compute_tile_count")
    default_grain = fields.Selection(
        GRAINS,
        "Periods",
        help="Empty: each KPI shows its latest value in its own periods.",
    )
    comparison = fields.Selection(
        COMPARISONS, "Compared With", required=True, default="previous"
    )
    interval = fields.Integer(
        "Seconds on TV",
        default=60,
        help="How long the dashboard is shown on a TV that rotates several dashboards.",
    )
    revision = fields.Integer(
        readonly=True,
        copy=False,
        default=1,
        help="Grows with each change of the dashboard or its tiles.",
        exportable=False,
    )
    is_shared_with_me = fields.Boolean(
        compute="_compute_is_shared_with_me",
        search="_search_is_shared_with_me",
        compute_sudo=True,
        help="Shared with the user, a group or a department of theirs.",
    )

    _interval_range = models.Constraint(
        "CHECK (interval BETWEEN 5 AND 3600)",
        "Seconds on TV must be between 5 and 3600.",
    )

    @api.depends_context("uid")
    @api.depends("favorite_user_ids")
    def _compute_is_favorite(self):
        for dashboard in self:
            # Each user is told of their own mark only.
            users = dashboard.sudo().favorite_user_ids
            dashboard.is_favorite = self.env.user in users

    def _inverse_is_favorite(self):
        for dashboard in self:
            dashboard._mark_favorite(dashboard.is_favorite)

    def _search_is_favorite(self, operator, value):
        if operator != "in":
            return NotImplemented
        marked = SQL(
            "SELECT kpi_dashboard_id FROM kpi_dashboard_favorite_rel"
            " WHERE res_users_id = %s",
            self.env.uid,
        )
        domain = Domain("id", "in", marked)
        return domain if True in value else ~domain

    def copy_data(self, default=None):
        values_list = super().copy_data(default)
        for dashboard, values in zip(self, values_list, strict=True):
            if "name" not in (default or {}):
                values["name"] = self.env._("%s (copy)", dashboard.name)
            # A copy is its maker's until they share it.
            values.update(owner_id=self.env.uid, is_default=False, active=True)
            for name in ("group_ids", "department_ids", "user_ids"):
                if name not in (default or {}):
                    values.pop(name, None)
        return values_list

    def _definitions(self):
        """The KPIs that are shown, whoever is to see them."""
        # Which KPIs a dashboard names is no secret to those who see it.
        tiles = self.tile_ids.sudo()
        return (tiles.definition_ids | tiles.report_ids.definition_id).sudo(False)

    def action_export(self):
        """Write the dashboard and its KPIs into a pack file."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_pack_export_action"
        )
        context = {
            "default_name": self[:1].name,
            "default_definition_ids": self._definitions().ids,
            "default_dashboard_ids": self.ids,
        }
        return {**action, "context": context}

    def action_open(self):
        """Show the dashboard."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "kpi_tracking_dashboard.dashboard",
            "name": self.name,
            "params": {"dashboard_id": self.id},
            # Else the address leads over the form, which has the same name.
            "context": {"active_id": False},
        }

    _readable_by += ("deleted_on",)

    @api.depends_context("uid")
    @api.depends("group_ids", "department_ids", "user_ids")
    def _compute_is_shared_with_me(self):
        shared = self.filtered_domain(self._search_is_shared_with_me("in", [True]))
        for dashboard in self:
            dashboard.is_shared_with_me = dashboard in shared

    def _search_is_shared_with_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        for model, names in ASKED.items():
            self.env[model].flush_model(names)
        shared = SQL(
            """
            SELECT shared.kpi_dashboard_id
              FROM kpi_dashboard_user_rel AS shared
             WHERE shared.res_users_id = %(user)s
             UNION
            SELECT shared.kpi_dashboard_id
              FROM kpi_dashboard_res_groups_rel AS shared
             WHERE shared.res_groups_id = ANY(%(groups)s)
             UNION
            SELECT shared.kpi_dashboard_id
              FROM hr_department_kpi_dashboard_rel AS shared
              JOIN hr_department AS asked ON asked.id = shared.hr_department_id
             WHERE EXISTS (
                     SELECT 1
                       FROM hr_employee AS employee
                       JOIN hr_version AS version
                         ON version.id = employee.current_version_id
                       JOIN hr_department AS own ON own.id = version.department_id
                      WHERE employee.active
                        AND employee.user_id = %(user)s
                        AND starts_with(own.parent_path, asked.parent_path))
                OR EXISTS (
                     SELECT 1
                       FROM hr_department AS managed
                       JOIN hr_employee AS manager ON manager.id = managed.manager_id
                      WHERE manager.active
                        AND manager.user_id = %(user)s
                        AND (starts_with(asked.parent_path, managed.parent_path)
                             OR starts_with(managed.parent_path, asked.parent_path)))
            """,
            user=self.env.uid,
            groups=list(self.env.user._get_group_ids()),
        )
        domain = Domain("id", "in", shared)
        return domain if True in value else ~domain

    def write(self, vals):
        result = super().write(vals)
        if not {"owner_id", "company_id"}.isdisjoint(vals):
            # Odoo looks at the record before the change only.
            self.check_access("write")
        return result

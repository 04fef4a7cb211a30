from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_dialog, open_list
from odoo.addons.kpi_base.formatting import format_moment
from odoo.addons.kpi_base.rights import search_by
from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS
from odoo.addons.kpi_tracking.models.live.kpi_report import CHANNEL

COMPARISONS = [
    ("previous", "Previous Period"),
    ("year", "Same Period Last Year"),
    ("none", "No Comparison"),
]
ASKED = {  # what the statement below reads
    "hr.department": ["manager_id", "parent_path"],
    "hr.employee": ["active", "current_version_id", "user_id"],
    "hr.version": ["department_id"],
}
WITHOUT_REVISION = {
    "base_revision",
    "favorite_user_ids",
    "is_favorite",
    "menu_id",
    "revision",
}
ARRANGED = "kpi_tracking_dashboard.arranged"
READ_BY_TILES = ("kpi.dashboard", "kpi.dashboard.tile", "kpi.definition", "kpi.report")
SHARED = ("department_ids", "group_ids", "user_ids")
SHOWN_IN_MENU = {"name", "active", "group_ids", "has_menu", "sequence"}
SHOWN_FIRST = {*SHARED, "is_default", "sequence"}


class KpiDashboard(models.Model):
    """KPIs side by side, as somebody has arranged them.

    What is kept is the arrangement. The numbers are those that each reader may see.
    """

    _name = "kpi.dashboard"
    _description = "KPI Dashboard"
    _inherit = ["kpi.access.mixin", "kpi.findable.mixin", "kpi.input.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True
    _readable_by = ("company_id", "owner_id", *SHARED, "deleted_on")
    _editable_by = ("company_id", "owner_id")

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    icon = fields.Char(help="Font Awesome icon, e.g. fa-line-chart.")
    description = fields.Text(translate=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Leave empty for all companies (KPI officers only).",
    )
    owner_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user, index=True
    )
    group_ids = fields.Many2many(
        "res.groups",
        string="Groups",
        help=("Members see the dashboard with the KPIs they can access."),
    )
    department_ids = fields.Many2many(
        "hr.department",
        string="Departments",
        help="Shared with employees of these departments and sub-departments, and "
        "all their managers.",
    )
    user_ids = fields.Many2many(
        "res.users",
        "kpi_dashboard_user_rel",
        string="People",
        domain=[("share", "=", False)],
        check_company=True,
    )
    is_default = fields.Boolean(
        "Default Dashboard",
        help="Opens first for people it is shared with, unless they have a favorite.",
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
        search=search_by("_get_favorite_domain"),
    )
    tile_ids = fields.One2many("kpi.dashboard.tile", "dashboard_id", "Tiles", copy=True)
    tile_count = fields.Integer(compute="_compute_tile_count")
    default_grain = fields.Selection(
        GRAINS,
        "Periods",
        help="Leave empty to use each KPI's own periods.",
    )
    comparison = fields.Selection(
        COMPARISONS, "Compared With", required=True, default="previous"
    )
    interval = fields.Integer(
        "Seconds on TV",
        default=60,
        help="Display time when a TV rotates several dashboards.",
    )
    revision = fields.Integer(
        readonly=True,
        copy=False,
        default=1,
        exportable=False,
    )
    is_shared_with_me = fields.Boolean(
        compute="_compute_is_shared_with_me",
        search=search_by("_get_shared_domain"),
        compute_sudo=True,
        help="Shared directly, or through a group or department.",
    )
    is_listed = fields.Boolean(
        compute="_compute_is_listed",
        search=search_by("_get_listed_domain"),
    )
    has_menu = fields.Boolean(
        "Show in Menu",
        copy=False,
        help="Adds a menu item under Dashboards for the selected groups.",
    )
    menu_id = fields.Many2one(
        "ir.ui.menu", readonly=True, copy=False, ondelete="set null"
    )
    view_count = fields.Integer(
        "Views in 30 Days", compute="_compute_view_count", groups=OFFICER
    )

    _interval_range = models.Constraint(
        "CHECK (interval BETWEEN 5 AND 3600)",
        "Seconds on TV: enter 5 to 3600.",
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

    def _get_favorite_domain(self):
        marked = SQL(
            "SELECT kpi_dashboard_id FROM kpi_dashboard_favorite_rel"
            " WHERE res_users_id = %s",
            self.env.uid,
        )
        return Domain("id", "in", marked)

    def copy_data(self, default=None):
        values_list = super().copy_data(default)
        for values in values_list:
            # A copy is its maker's until they share it.
            values.update(owner_id=self.env.uid, is_default=False, active=True)
            for name in SHARED:
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

    def action_open_found(self):
        return self.action_open()

    def action_mail_now(self):
        """Ask whom to mail the dashboard now."""
        self.ensure_one()
        wizard = self.env["kpi.dashboard.mail.wizard"]
        return open_dialog(
            wizard, self.env._("Email Now"), default_dashboard_id=self.id
        )

    def action_mails(self):
        """When the dashboard is mailed, as far as the user may see it."""
        self.ensure_one()
        return open_list(
            self.env,
            "kpi_tracking_dashboard.kpi_dashboard_schedule_action",
            [("dashboard_id", "=", self.id)],
            context={"default_dashboard_id": self.id},
        )

    @api.depends_context("uid")
    @api.depends(*SHARED)
    def _compute_is_shared_with_me(self):
        shared = self.filtered_domain(self._get_shared_domain())
        for dashboard in self:
            dashboard.is_shared_with_me = dashboard in shared

    def _get_shared_domain(self):
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
        return Domain("id", "in", shared)

    def _mark_favorite(self, is_favorite):
        """Who sees a dashboard may mark it, whoever arranges it."""
        self.check_access("read")
        link = Command.link if is_favorite else Command.unlink
        # See above: nothing but the own mark.
        return self.sudo().write({"favorite_user_ids": [link(self.env.uid)]})

    def _bump_revision(self):
        """Another revision, made now by the user."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_dashboard
                   SET revision = revision + 1, write_uid = %s,
                       write_date = now() AT TIME ZONE 'UTC'
                 WHERE id = ANY(%s)
                """,
                self.env.uid,
                self.ids,
            )
        )
        self.invalidate_recordset(["revision", "write_uid", "write_date"])
        precommit = self.env.cr.precommit
        if ARRANGED not in precommit.data:
            precommit.data[ARRANGED] = set()
            # Who hears it is not for whoever made the change to read.
            precommit.add(self.env["kpi.dashboard"].sudo()._send_arranged)
        precommit.data[ARRANGED].update(self.ids)

    def _send_arranged(self):
        ids = self.env.cr.precommit.data.pop(ARRANGED)
        for dashboard in self.browse(ids).exists():
            body = {"dashboard_id": dashboard.id, "revision": dashboard.revision}
            self.env["bus.bus"]._sendone((dashboard, CHANNEL), ARRANGED, body)

    def save_layout(
        self,
        revision: int,
        tiles: list[dict[str, Any]],
        added: list[dict[str, Any]] | None = None,
    ):
        """Store order and sizes of tiles and new tiles, unless somebody was faster.

        :param revision: what the dashboard had when it was read
        :param tiles: list of dicts of ``id`` and any of ``sequence``, ``span`` and
            ``height``; all or nothing
        :param added: values of new tiles, see ``preview``
        :return: the new revision
        :raises UserError: the dashboard has changed since, or a tile is not of it
        """
        self.ensure_one()
        if self.exists():  # else what follows says so
            self.check_access("write")
        self._check_revision(revision)
        own = {tile.id: tile for tile in self.tile_ids}
        for row in self._check_layout(tiles):
            values = dict(row)
            tile = own.get(values.pop("id"))
            if not tile:
                raise UserError(
                    self.env._(
                        "A tile was removed from %s. Reload the dashboard.", self.name
                    )
                )
            tile._write_layout(values)
        added = self._check_new_tiles(added or [])
        own_values = [{**values, "dashboard_id": self.id} for values in added]
        self.env["kpi.dashboard.tile"].create(own_values)
        self._bump_revision()
        return self.revision

    @api.model
    def _check_layout(self, tiles):
        """Rows of a layout; refuses what is none."""
        allowed = {"id", "sequence", "span", "height"}
        for row in tiles if isinstance(tiles, list) else [None]:
            is_row = isinstance(row, dict) and "id" in row and allowed.issuperset(row)
            if not is_row or not all(
                type(value) is int and abs(value) < 2**31 for value in row.values()
            ):
                raise UserError(self.env._("Invalid tile layout: %s", row))
        return tiles

    def _check_revision(self, revision):
        """Refuse to go on from what is not there any more; wait for who is saving."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL("SELECT revision FROM kpi_dashboard WHERE id = %s FOR UPDATE", self.id)
        )
        current = self.env.cr.fetchone()
        if not current:
            raise UserError(
                self.env._("This draft was already published or discarded.")
            )
        if revision == current[0]:
            return
        raise UserError(
            self.env._(
                "%(user)s changed %(dashboard)s on %(moment)s while you had it open.",
                dashboard=self.name,
                **self._describe_last_change(),
            )
        )

    def _describe_last_change(self):
        """By whom and when the dashboard or its tiles were changed last, in words.

        :return: dict of ``user`` and ``moment``
        """
        self.invalidate_recordset(["write_uid", "write_date"])
        return {
            # Who arranges a dashboard is told who else does.
            "user": self.sudo().write_uid.name,
            "moment": self._format_moment(self.write_date),
        }

    @api.model
    def _format_moment(self, moment):
        """A moment as dashboards write it on the screen, such as “5 Nov, 14:30”."""
        return format_moment(self.env, moment)

    @api.model
    def get_default(self):
        """Id of the dashboard that the user sees first; False where they see none.

        The first favourite, else the one that is shown first to the user, a department
        or a group of theirs, else any.
        """

        def find_rank(board):
            if board.is_favorite or not board.is_default:
                return 0 if board.is_favorite else 3
            # Only whether it is shared with people or departments, not with whom.
            shared = board.sudo()
            return 1 if shared.user_ids or shared.department_ids else 2

        return self.search([("is_listed", "=", True)]).sorted(find_rank)[:1].id

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("owner_id", "tile_ids")
    def _compute_is_listed(self):
        listed = self.filtered_domain(self._get_listed_domain())
        for dashboard in self:
            dashboard.is_listed = dashboard in listed

    def _get_listed_domain(self):
        domain = Domain("draft_of_id", "=", False)
        if self.env.user.has_group(OFFICER):
            return domain
        shown = SQL(
            """
            SELECT dashboard.id
              FROM kpi_dashboard AS dashboard
         LEFT JOIN (%s) AS tile ON tile.dashboard_id = dashboard.id
          GROUP BY dashboard.id
            HAVING bool_or(tile.is_asking AND tile.is_shown)
                OR NOT COALESCE(bool_or(tile.is_asking), FALSE)
            """,
            self._tiles_sql(),
        )
        return domain & (
            Domain("owner_id", "=", self.env.uid) | Domain("id", "in", shown)
        )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("tile_ids")
    def _compute_tile_count(self):
        """Count the tiles that the dashboard shows to the user."""
        query = SQL(
            """
            SELECT tile.dashboard_id, count(*)
              FROM (%s) AS tile
             WHERE tile.dashboard_id = ANY(%s)
               AND (tile.is_shown OR NOT tile.is_asking)
          GROUP BY tile.dashboard_id
            """,
            self._tiles_sql(),
            self.ids,
        )
        counts = dict(self.env.execute_query(query))
        for dashboard in self:
            dashboard.tile_count = counts.get(dashboard._origin.id, 0)

    def _tiles_sql(self):
        """All tiles: whether they show KPIs or records at all, and any to the user.

        A scatter plot shows two KPIs or nothing.
        """
        for model in READ_BY_TILES:
            self.env[model].flush_model()
        # The visible queries of the user.
        reports = self.env["kpi.report"]._search([])
        definitions = self.env["kpi.definition"]._search(Domain("active", "=", True))
        # Which records a dashboard shows is no secret.
        tiles = self.env["kpi.dashboard.tile"].sudo()
        rows = tiles._read_group([("kind", "=", "view")], ["view_model"])
        models_ = [name for (name,) in rows if name in self.env]
        return SQL(
            """
            WITH visible AS (
                SELECT report.id, report.definition_id, report.scope_type
                  FROM kpi_report AS report
                 WHERE report.id IN %(reports)s
                   AND report.definition_id IN %(definitions)s
            ),
            asked AS (
                SELECT tile.id AS tile_id, link.kpi_definition_id AS asked_id,
                       visible.definition_id
                  FROM kpi_dashboard_tile AS tile
                  JOIN kpi_dashboard_tile_definition_rel AS link
                    ON link.kpi_dashboard_tile_id = tile.id
             LEFT JOIN visible
                    ON visible.definition_id = link.kpi_definition_id
                   AND (tile.scope_mode = 'filter' OR tile.scope_mode = 'each'
                        AND tile.scope_type = visible.scope_type)
             UNION ALL
                SELECT link.kpi_dashboard_tile_id, -link.kpi_report_id,
                       visible.definition_id
                  FROM kpi_dashboard_tile_report_rel AS link
             LEFT JOIN visible ON visible.id = link.kpi_report_id
            )
            SELECT tile.id, tile.dashboard_id,
                   tile.kind = 'view' OR count(asked.tile_id) > 0 AS is_asking,
                   CASE tile.kind
                   WHEN 'view'
                   THEN COALESCE(tile.view_model = ANY(%(models)s), FALSE)
                   WHEN 'scatter'
                   THEN count(DISTINCT asked.definition_id) >=
                        LEAST(count(DISTINCT asked.asked_id), 2)
                   ELSE count(asked.definition_id) > 0
                   END AS is_shown
              FROM kpi_dashboard_tile AS tile
         LEFT JOIN asked ON asked.tile_id = tile.id
          GROUP BY tile.id
            """,
            reports=reports.subselect(),
            definitions=definitions.subselect(),
            models=[each for each in models_ if self.env[each].has_access("read")],
        )

    @api.constrains("has_menu", "group_ids")
    def _check_menu(self):
        for dashboard in self.filtered("has_menu"):
            if not dashboard.group_ids:
                raise ValidationError(
                    self.env._("%s: choose groups for its menu item.", dashboard.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_can_publish(vals)
        dashboards = super().create(vals_list)
        for dashboard, vals in zip(dashboards, vals_list, strict=True):
            dashboard._keep_within_company(vals)
        dashboards.filtered("has_menu")._sync_menus()
        return dashboards

    def write(self, vals):
        self._check_draft_values(vals)
        self._check_can_publish(vals)
        if vals.keys() == {"is_favorite"}:
            return self._mark_favorite(vals["is_favorite"])
        result = super().write(vals)
        if not {"owner_id", "company_id"}.isdisjoint(vals):
            # Odoo looks at the record before the change only.
            self.check_access("write")
        self._keep_within_company(vals)
        if not WITHOUT_REVISION.issuperset(vals):
            self._bump_revision()
        if not SHOWN_IN_MENU.isdisjoint(vals):
            self._sync_menus()
        self._hand_drafts_over(vals)
        if vals.get("active") and (deleted := self.filtered("deleted_on")):
            # Who uses a dashboard again has taken it out of the bin.
            deleted.sudo().write({"deleted_on": False, "deleted_by_id": False})
        return result

    def unlink(self):
        """Who deletes a dashboard puts it into the bin; what is there is gone."""
        kept = self.filtered(lambda each: not (each.deleted_on or each.draft_of_id))
        if self.env.su or not kept:
            self._remove_menus()
            return super().unlink()
        kept.action_delete()
        return (self - kept).unlink()

    def _check_can_publish(self, vals):
        """Refuse others than officers who would decide what everybody sees."""
        if self.env.su or self.env.user.has_group(OFFICER):
            return
        whom = self.env["kpi.home"]._get_officer_name()
        for flag, names, refusal in (
            (
                "has_menu",
                SHOWN_IN_MENU,
                self.env._(
                    "Only KPI officers can add dashboards to the menu. Ask %s.", whom
                ),
            ),
            (
                "is_default",
                SHOWN_FIRST,
                self.env._(
                    "Only KPI officers can set default dashboards. Ask %s.", whom
                ),
            ),
        ):
            # What it stands for, of those that have the flag or get it.
            is_concerned = vals.get(flag) or any(self.mapped(flag))
            if is_concerned and not names.isdisjoint(vals):
                raise AccessError(refusal)

    def _keep_within_company(self, vals):
        """Give the user's company to what others than officers share.

        :param vals: what was written
        :raises AccessError: they took the company away
        """
        if {"company_id", *SHARED}.isdisjoint(vals):
            return
        if self.env.su or self.env.user.has_group(OFFICER):
            return
        # Groups and departments that the user does not see count, too.
        everywhere = self.sudo().filtered(
            lambda each: not each.company_id and any(each[name] for name in SHARED)
        )
        if everywhere and "company_id" in vals:
            raise AccessError(
                self.env._(
                    "Only KPI officers can share “%(dashboard)s” with all companies."
                    " Choose a company or ask %(officer)s.",
                    dashboard=everywhere[0].name,
                    officer=self.env["kpi.home"]._get_officer_name(),
                )
            )
        if everywhere:
            everywhere.sudo(False).company_id = self.env.company

    def _sync_menus(self):
        """Entry and action of each dashboard, with its name and groups.

        Only administrators make menus: what is made here follows from the dashboard.
        """
        shown = self.filtered(lambda each: each.has_menu and each.active)
        (self - shown)._remove_menus()
        # See above; nothing of it is what a user gave but the name and the groups.
        for dashboard in shown.sudo():
            menu = dashboard.menu_id
            values = {
                "name": dashboard.name,
                "sequence": dashboard.sequence,
                "group_ids": [Command.set(dashboard.group_ids.ids)],
            }
            if menu:
                menu.write(values)
                menu.action.name = dashboard.name
                continue
            action = menu.env["ir.actions.client"].create(
                {
                    "name": dashboard.name,
                    "tag": "kpi_tracking_dashboard.dashboard",
                    "params": {"dashboard_id": dashboard.id},
                }
            )
            parent = self.env.ref("kpi_tracking_dashboard.kpi_dashboard_menu")
            place = {"parent_id": parent.id, "action": f"{action._name},{action.id}"}
            dashboard.menu_id = menu.create({**values, **place})

    def _remove_menus(self):
        # What belongs to a dashboard goes with it.
        for menu in self.sudo().menu_id:
            action = menu.action
            menu.unlink()
            if action:
                action.unlink()

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


class KpiDashboardVisit(models.Model):
    """How often somebody has looked at a dashboard on a day, and when last."""

    _name = "kpi.dashboard.visit"
    _description = "Dashboard Visit"
    _inherit = ["kpi.engine.rows.mixin"]
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
        "Last Viewed", readonly=True, help="Blank if viewed on TV only."
    )

    _dashboard_user_day_uniq = models.UniqueIndex("(dashboard_id, user_id, day)")


class KpiDashboardFilter(models.Model):
    """What somebody has filtered a dashboard by, kept by a name of theirs."""

    _name = "kpi.dashboard.filter"
    _description = "Dashboard Filter"
    _inherit = ["kpi.input.mixin"]
    _order = "name, id"

    name = fields.Char(required=True)
    dashboard_id = fields.Many2one(
        "kpi.dashboard", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        index=True,
    )
    options = fields.Json()

    _name_uniq = models.UniqueIndex(
        "(dashboard_id, user_id, name)", "You already have a filter with this name."
    )

    @api.constrains("options")
    def _check_options(self):
        for kept in self:
            kept.dashboard_id._parse_options(kept.options or {})

    def write(self, vals):
        result = super().write(vals)
        if not {"user_id", "dashboard_id"}.isdisjoint(vals):
            # Odoo looks at the record before the change only.
            self.check_access("write")
        return result


class IrUiMenu(models.Model):
    """Entries of dashboards that show somebody nothing are not in their menu."""

    _inherit = "ir.ui.menu"

    def load_web_menus(self, debug):
        menus = super().load_web_menus(debug)
        # Not cached as the menus are: what one may see changes without them.
        dashboards = self.env["kpi.dashboard"].with_context(
            allowed_company_ids=self.env.user.company_ids.ids
        )
        # Entries follow from dashboards; who sees which of those is asked below.
        entries = dashboards.sudo().search([("menu_id", "!=", False)])
        if not entries:
            return menus
        domain = [("id", "in", entries.ids), ("is_listed", "=", True)]
        hidden = set((entries - dashboards.search(domain)).menu_id.ids)
        return {
            key: {**menu, "children": [c for c in menu["children"] if c not in hidden]}
            for key, menu in menus.items()
            if key not in hidden
        }


class IrWebsocket(models.AbstractModel):
    """Who sees a dashboard may listen to changes of it."""

    _inherit = "ir.websocket"

    def _find_listened(self, asked):
        dashboards = self._find_listened_dashboards(asked)
        return [*super()._find_listened(asked), dashboards]

    def _find_listened_dashboards(self, asked):
        """Those that the user sees, in any of their companies."""
        companies = self.env.user.company_ids.ids
        dashboards = self.env["kpi.dashboard"].with_context(
            active_test=False, allowed_company_ids=companies
        )
        return dashboards.search(Domain("id", "in", asked["dashboard"]))

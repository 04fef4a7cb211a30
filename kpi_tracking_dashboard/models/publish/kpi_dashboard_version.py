from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.kpi_base.schemas.base import Id, Nothing


class KpiDashboardVersion(models.Model):
    """A dashboard as it was published: its tiles as a pack has them, who and when."""

    _name = "kpi.dashboard.version"
    _description = "Dashboard Version"
    _inherit = ["kpi.readonly.mixin"]
    _order = "id desc"
    _rec_name = "published_on"

    dashboard_id = fields.Many2one(
        "kpi.dashboard", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", "Published By", readonly=True, ondelete="set null"
    )
    published_on = fields.Datetime("Published", required=True, readonly=True)
    entry = fields.Json("Dashboard in a Pack", readonly=True, exportable=False)
    tile_ids = fields.Json(
        readonly=True, help="Ids of the tiles of the entry.", exportable=False
    )
    titles = fields.Json(
        readonly=True, help="Titles of the tiles of the entry.", exportable=False
    )
    texts = fields.Json(
        readonly=True,
        help="Titles and texts of the tiles of the entry, in all languages.",
        exportable=False,
    )
    changes = fields.Json(
        readonly=True,
        help="What became of which tiles since the version before.",
        exportable=False,
    )

    @api.model
    def _keep(self, dashboard, state, changes, user, moment):
        """Keep a state of a dashboard as its latest version."""
        # Versions are kept by the house; who may arrange the dashboard publishes.
        return self.sudo().create(
            {
                "dashboard_id": dashboard.id,
                "user_id": user.id,
                "published_on": moment,
                "changes": changes,
                **state,
            }
        )

    def _as_state(self):
        lists = ("tile_ids", "titles", "texts")  # an empty one is read as False
        return {"entry": self.entry, **{name: self[name] or [] for name in lists}}

    def restore(self, over: int | Nothing = None):
        """Fill the draft with this version; nothing is published by it.

        :param over: the revision of the draft that the user wants to replace
        :return: dict of ``dashboard_id``, of the draft, and ``notes``: sentences on
            what cannot be had anymore; where somebody has changed the draft and
            nothing is done, a ``question`` and the ``revision`` to replace
        """
        self.ensure_one()
        draft = self._begin_draft()
        if not draft._is_unchanged() and over != draft.revision:
            return {
                "dashboard_id": draft.id,
                "notes": [],
                "question": self.env._(
                    "%(user)s changed the draft on %(moment)s. What is in it now will "
                    "be lost.",
                    **draft._describe_last_change(),
                ),
                "revision": draft.revision,
            }
        draft.tile_ids.unlink()
        return self._bring_back_into(draft, self.tile_ids or [])

    def bring_back(self, tile_id: Id):
        """Put one tile of this version back, at the end of the draft.

        :return: as of ``restore``
        """
        self.ensure_one()
        if tile_id not in (self.tile_ids or []):
            raise UserError(self.env._("This version has no such tile."))
        draft = self._begin_draft()
        return self._bring_back_into(draft, [tile_id])

    def _begin_draft(self):
        self.check_access("read")
        dashboard = self.dashboard_id
        draft = dashboard.browse(dashboard.start_draft())
        # Whole, also with KPIs that the user does not see.
        return draft.sudo().with_context(active_test=False)

    def _bring_back_into(self, draft, tile_ids):
        """Tiles of this version in a draft, each again what it was."""
        dashboard = draft.draft_of_id
        section = self.env["kpi.pack.dashboards"].with_env(draft.env)
        company = dashboard.company_id or self.env.companies
        last = max(draft.tile_ids.mapped("sequence"), default=0)
        published = set(dashboard.tile_ids.ids) - set(
            draft.tile_ids.published_tile_id.ids
        )
        vals_list, texts, notes = [], [], []
        for at, id_ in enumerate(self.tile_ids or []):
            if id_ not in tile_ids:
                continue
            place = at + 1
            values, lost = section._tile_values(self.entry["tiles"][at], place, company)
            notes += lost
            if values:
                values["sequence"] = last + place
                values["published_tile_id"] = id_ if id_ in published else False
                vals_list.append(values)
                texts.append(self.texts[at])
        draft.write({"tile_ids": [Command.create(values) for values in vals_list]})
        created = draft.tile_ids.sorted("id")[len(draft.tile_ids) - len(vals_list) :]
        for tile, known in zip(created, texts, strict=True):
            draft._write_texts(tile, known)
        return {"dashboard_id": draft.id, "notes": notes}

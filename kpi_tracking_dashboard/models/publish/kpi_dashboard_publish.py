from odoo import api, fields, models

from odoo.addons.kpi_base.schemas.base import Nothing

from .kpi_dashboard_state import changes_between

VERSIONS = 100  # of a dashboard; older ones are forgotten


class KpiDashboard(models.Model):
    """Drafts are published whole, in one transaction; what was published is kept."""

    _inherit = "kpi.dashboard"

    version_ids = fields.One2many("kpi.dashboard.version", "dashboard_id", "Versions")

    def publish(self, over: int | Nothing = None):
        """Let everybody see this draft: its tiles become those of the dashboard.

        Tiles that were there keep their ids. What others changed of the dashboard
        since the draft was begun is replaced only by who knows of it.

        :param over: the dashboard's revision that the user wants to replace
        :return: dict of ``dashboard_id``; where nothing is published, a ``question``
            and the ``revision`` to publish over
        :raises UserError: the draft is gone
        """
        self._check_draft()
        published = self.draft_of_id
        published.check_access("write")
        published._lock()
        before = published._get_state()
        # Kept by the house, see ``_begin_draft``.
        meanwhile = changes_between(self.sudo().base_state, before)
        if meanwhile and over != published.revision:
            return {
                "dashboard_id": published.id,
                "question": published._ask_over(meanwhile),
                "revision": published.revision,
            }
        published._keep_current(before)
        # Tiles are taken over whole, also where they show what the user does not see.
        published.sudo().with_context(active_test=False)._take_over(self.sudo())
        after = published._get_state()
        changes = changes_between(before, after)
        if changes:
            self.env["kpi.dashboard.version"]._keep(
                published, after, changes, self.env.user, fields.Datetime.now()
            )
        self._end_draft()
        return {"dashboard_id": published.id}

    def _ask_over(self, changes):
        """Whether to replace what somebody else has changed, naming it."""
        titles = ", ".join(self.env._("“%s”", change["title"]) for change in changes)
        return self.env._(
            "%(user)s changed %(dashboard)s on %(moment)s, after this draft was begun: "
            "%(tiles)s. Publishing replaces these changes. They stay under Versions.",
            dashboard=self.name,
            tiles=titles,
            **self._describe_last_change(),
        )

    def _keep_current(self, state):
        """Keep what is published now, unless the latest version has it."""
        versions = self.env["kpi.dashboard.version"]
        # Who may arrange the dashboard has been asked.
        latest = versions.sudo().search([("dashboard_id", "=", self.id)], limit=1)
        changes = changes_between(latest._as_state(), state) if latest else []
        if changes or not latest:
            self.invalidate_recordset(["write_uid", "write_date"])
            # Who arranges a dashboard is told who else does.
            user = self.sudo().write_uid
            versions._keep(self, state, changes, user, self.write_date)

    def _take_over(self, draft):
        """The tiles of a draft in the place of the own ones."""
        tiles = draft.with_context(active_test=False).tile_ids.sorted()
        kept = tiles.published_tile_id & self.tile_ids
        (self.tile_ids - kept).unlink()
        taken, texts = [], draft._read_texts()
        for tile in tiles:
            target = tile.published_tile_id & kept
            if target:
                target._take_over(tile)
            else:
                tile.write({"dashboard_id": self.id})
                target = tile
            taken.append((target, texts[tile.id]))
        if taken:
            targets = self.tile_ids.browse([target.id for target, _texts in taken])
            self._write_texts(targets, [known for _target, known in taken])
        self.tile_ids.invalidate_recordset(["display_name"])

    @api.readonly
    def list_versions(self):
        """What was published of a dashboard, the latest first.

        :return: list of dicts of ``id``, ``user`` (name), ``moment`` (UTC), ``is_now``
            and ``changes``: of each ``kind``, ``title``, ``tile_id``, and whether the
            tile ``can_return``
        :raises AccessError: the user may not arrange the dashboard
        """
        self.ensure_one()
        self.check_access("write")
        published = self.draft_of_id or self
        # Which tiles there are is no secret to who arranges them.
        tiles = self.sudo().tile_ids
        here = {*tiles.ids, *tiles.published_tile_id.ids}
        versions = published.version_ids
        now = versions[:1] and not changes_between(
            versions[:1]._as_state(), published._get_state()
        )
        return [
            {
                "id": version.id,
                # Who arranges a dashboard is told who else does.
                "user": version.sudo().user_id.name or "",
                "moment": version.published_on.isoformat() + "Z",
                "is_now": bool(now) and version == versions[:1],
                "changes": [
                    {
                        **change,
                        "can_return": change["kind"] == "removed"
                        and change["tile_id"] not in here,
                    }
                    for change in version.changes or []
                ],
            }
            for version in versions
        ]

    @api.autovacuum
    def _gc_versions(self):
        rows = self.env["kpi.dashboard.version"]._read_group(
            [], ["dashboard_id"], ["id:recordset"], [("__count", ">", VERSIONS)]
        )
        for _dashboard, versions in rows:
            # Only the house removes what it keeps.
            versions.sorted("id")[:-VERSIONS].sudo().unlink()

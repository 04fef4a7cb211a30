from typing import Any

from babel.dates import format_skeleton, format_time, get_datetime_format

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL
from odoo.tools.misc import babel_locale_parse, get_lang

from ..tile.kpi_dashboard_tile import LAYOUT

WITHOUT_REVISION = {"favorite_user_ids", "is_favorite", "menu_id", "revision"}
WITHOUT_REVISION |= {"base_revision"}


class KpiDashboard(models.Model):
    """Several people arrange a dashboard: nobody overwrites what they have not seen."""

    _inherit = "kpi.dashboard"

    def write(self, vals):
        if vals.keys() == {"is_favorite"}:
            return self._mark_favorite(vals["is_favorite"])
        result = super().write(vals)
        if not WITHOUT_REVISION.issuperset(vals):
            self._bump_revision()
        return result

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
            if row["id"] not in own:
                raise UserError(
                    self.env._("A tile was removed from %s meanwhile.", self.name)
                )
            values = {name: row[name] for name in LAYOUT if name in row}
            own[row["id"]]._write_layout(values)
        self.env["kpi.dashboard.tile"].create(
            [
                {**values, "dashboard_id": self.id}
                for values in self._check_new_tiles(added or [])
            ]
        )
        self._bump_revision()
        return self.revision

    @api.model
    def _check_layout(self, tiles):
        """Rows of a layout, as long as they are such.

        :raises UserError: they are not
        """
        allowed = {"id", *LAYOUT}
        for row in tiles if isinstance(tiles, list) else [None]:
            is_row = isinstance(row, dict) and "id" in row and allowed.issuperset(row)
            if not is_row or not all(map(_is_storable_integer, row.values())):
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
                self.env._("This draft was published or discarded meanwhile.")
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
        local = fields.Datetime.context_timestamp(self, moment)
        is_this_year = local.year == fields.Date.context_today(self).year
        locale = babel_locale_parse(get_lang(self.env).code)
        skeleton = "MMMd" if is_this_year else "yMMMd"
        day = format_skeleton(skeleton, local, locale=locale)
        hour = format_time(local, "short", locale=locale)
        return get_datetime_format("medium", locale).format(hour, day)

    @api.model
    def get_default(self):
        """Id of the dashboard that the user sees first; False where they see none.

        The first favourite, else the one that is shown first to the user, a department
        or a group of theirs, else any.
        """
        listed = Domain("is_listed", "=", True)
        favorite = self.search(listed & Domain("is_favorite", "=", True), limit=1)
        if favorite:
            return favorite.id
        first = self.search(listed & Domain("is_default", "=", True))
        first = first.sorted(lambda each: not each._is_personal())[:1]
        return (first or self.search(listed, limit=1)).id

    def _is_personal(self):
        """Whether the dashboard is shared with people or departments."""
        # Only whether there are any.
        return bool(self.sudo().user_ids or self.sudo().department_ids)


def _is_storable_integer(value):
    """Whether an order, a size or an id can be kept."""
    return type(value) is int and abs(value) < 2**31

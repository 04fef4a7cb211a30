from dataclasses import replace
from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS

from ..reading.reading import Reading
from ..reading.scopes import visible_scopes
from ..tile.kpi_dashboard_tile_cards import UNAVAILABLE


class KpiDashboard(models.Model):
    """All that a dashboard shows, by one call and few statements."""

    _inherit = "kpi.dashboard"

    @api.readonly
    def data(self, options: dict[str, Any] | None = None):
        """The dashboard and its tiles, as far as the user may see their KPIs.

        The number of statements does not depend on how many tiles there are.

        :param options: dict; what is left out is as the dashboard has it.
            ``grain`` (empty: each KPI in its own periods), ``start`` (a day of the
            period shown), ``periods`` (how many charts and tables show),
            ``comparison``, ``scope`` (``type``, ``id``), ``cross`` (``breakdown``,
            ``key``), ``tile_ids``
        :return: dict of ``dashboard``, ``options`` (as used), ``grains``, ``periods``,
            ``scope`` (name of what is shown), ``as_of``, ``tiles``, ``left_out`` (the
            others) and ``restated`` (since the user looked last)
        :raises UserError: options that no dashboard has
        :raises AccessError: the user may not see the dashboard
        """
        self.ensure_one()
        layout = self._layout()
        options = self._parse_options(
            {} if options is None else options,
            layout["default_grain"] or "",
            layout["comparison"],
        )
        tiles = options.extend(layout["tiles"])
        if options.tile_ids is not None:
            tiles = [tile for tile in tiles if tile["id"] in options.tile_ids]
        company = self.env["res.company"].browse(layout["company_id"] or ())
        reading = Reading(self.env, tiles, options, company or self.env.company)
        shown = replace(options, scope=reading.scope, start=reading.start)
        built = self.env["kpi.dashboard.tile"]._build_tiles(tiles, reading)
        return {
            "dashboard": self._header(layout),
            "options": shown.as_json(),
            "grains": [["", self.env._("Latest")], *self._grain_labels()],
            "periods": self._prepare_period_values(reading),
            "scope": reading.scope_name,
            "as_of": fields.Datetime.now().isoformat() + "Z",
            "tiles": [tile for tile in built if tile["state"] != UNAVAILABLE],
            "left_out": self._describe_left_out(layout, tiles, built, options, reading),
            "restated": self._list_news(layout, reading),
        }

    @api.model
    def _list_news(self, layout, reading):
        """Values that were restated since the user last looked at the dashboard.

        Who looks for the first time knows none of them by other numbers, unless from
        a mail, which says in ``kpi_mailed_on`` when the one before was sent.
        """
        known = [layout["last_view"], self.env.context.get("kpi_mailed_on")]
        since = max(filter(None, known), default=None)
        return reading.list_restated_since(since) if since else []

    @api.model
    def _describe_left_out(self, layout, tiles, built, options, reading):
        """What the user does not see: how many tiles and, in a sentence, why.

        :param tiles, built: what the dashboard has, and what became of each
        :return: dict of ``count``, ``message`` and, for who arranges the dashboard,
            ``tiles``: frames, each with its ``place`` among all tiles
        """
        places = [
            place for place, tile in enumerate(built) if tile["state"] == UNAVAILABLE
        ]
        is_arranged = self._is_arranged_by_me(layout["owner_id"])
        left_out = [(tiles[place], built[place]) for place in places]
        return {
            "count": len(places),
            "message": self._say_left_out(left_out, options, reading),
            "tiles": [{**built[place], "place": place} for place in places]
            if is_arranged
            else [],
        }

    @api.model
    def _say_left_out(self, left_out, options, reading):
        """Say how many tiles show nothing for whom, and how many need more rights."""
        count = len(left_out)
        if options.scope and reading.scope_name:
            return self._say_elsewhere(count, reading)
        elsewhere = self._count_elsewhere(left_out)
        said = (
            self._say_elsewhere(elsewhere, reading),
            self._say_unseen(count - elsewhere),
        )
        return " ".join(filter(None, said))

    @api.model
    def _count_elsewhere(self, left_out):
        """Count those whose KPIs the user sees, of others than are shown."""
        asked = [
            set(tile["definition_ids"])
            for tile, built in left_out
            if tile["scope_mode"] == "filter" and not built["report_ids"]
        ]
        if not asked:
            return 0
        domain = Domain("definition_id", "in", [*set().union(*asked)])
        domain &= Domain("definition_id.active", "=", True)
        rows = self.env["kpi.report"]._read_group(domain, ["definition_id"])
        seen = {definition.id for (definition,) in rows}
        return sum(not seen.isdisjoint(ids) for ids in asked)

    @api.model
    def _say_elsewhere(self, count, reading):
        if not count:
            return ""
        if count == 1:
            return self.env._("1 tile shows nothing for %s.", reading.scope_name)
        return self.env._(
            "%(count)s tiles show nothing for %(scope)s.",
            count=count,
            scope=reading.scope_name,
        )

    @api.model
    def _say_unseen(self, count):
        if not count:
            return ""
        if self.env.user.has_group(OFFICER):
            if count == 1:
                return self.env._("1 tile has no KPI that is tracked.")
            return self.env._("%s tiles have no KPI that is tracked.", count)
        whom = self.env["kpi.home"]._name_officer() or self.env._("a KPI officer")
        if count == 1:
            return self.env._(
                "1 tile needs rights you do not have. Ask %s.",
                whom,
            )
        return self.env._(
            "%(count)s tiles need rights you do not have. Ask %(person)s.",
            count=count,
            person=whom,
        )

    @api.readonly
    def scopes(self):
        """What the dashboard can be shown for, as far as the user sees KPIs of it.

        :return: list of dicts of ``type``, ``id``, ``name`` and ``depth``
        :raises AccessError: the user may not see the dashboard
        """
        self.ensure_one()
        self.check_access("read")
        filtered = self.tile_ids.filtered(lambda tile: tile.scope_mode == "filter")
        # Which KPIs a dashboard names is no secret to those who see it.
        definition_ids = filtered.sudo().definition_ids.ids
        found = visible_scopes(self.env, definition_ids)
        return [scope.as_json() for scope in found]

    @api.model
    def _header(self, layout):
        names = ("id", "name", "revision", "is_favorite", "interval")
        is_editable = self._is_arranged_by_me(layout["owner_id"])
        return {
            **{name: layout[name] for name in names},
            "description": layout["description"] or "",
            "is_editable": is_editable,
            "is_private": not layout["is_seen"],
            "draft_of_id": layout["draft_of_id"],
            "has_versions": layout["has_versions"],
            "draft": self._prepare_draft_values(layout) if is_editable else None,
        }

    @api.model
    def _prepare_draft_values(self, layout):
        """The draft of a dashboard that somebody is changing, if there is one."""
        if not layout["draft_id"]:
            return None
        return {
            "id": layout["draft_id"],
            "user": layout["draft_by"],
            "moment": layout["draft_on"].isoformat() + "Z",
        }

    @api.model
    def _is_arranged_by_me(self, owner_id):
        """Whether the user may change a dashboard that they see, as the rules say."""
        return owner_id == self.env.uid or self.env.user.has_group(OFFICER)

    @api.model
    def _grain_labels(self):
        field = self.env["kpi.measurement"]._fields["grain"]
        labels = dict(field._description_selection(self.env))
        return [[grain, labels[grain]] for grain, _label in GRAINS]

    @api.model
    def _prepare_period_values(self, reading):
        """The period shown, and days of those before and after it.

        Where each KPI is shown in its own periods, steps are those of most KPIs, and
        days the last of a period: shorter periods within are the last ones, too.
        """
        latest = self.env._("Latest")
        if not reading.groups:
            return {"label": latest, "previous": None, "next": None, "grain": None}
        group = max(reading.groups, key=lambda group: len(group.shown))
        is_latest = not reading.options.grain and not reading.start
        period = group.find_period(group.grain, reading.start or group.today)
        if is_latest:
            period = group.periods[max(group.shown.tolist())]
        try:
            before = periods.previous(group.spec, period)
        except periods.PeriodError:  # the calendar begins in 1900
            before = None
        after = None
        if not is_latest and period.stop <= group.today:
            after = group.find_period(group.grain, period.stop)
        return {
            "label": latest if is_latest else group.name_period(period),
            "previous": before and self._day_in(before, group, reading),
            "next": after and self._day_in(after, group, reading),
            "grain": group.grain,
        }

    @api.model
    def _day_in(self, period, group, reading):
        """The day by which a period is asked for."""
        if reading.options.grain:
            return period.start.isoformat()
        return min(period.stop - timedelta(days=1), group.today).isoformat()

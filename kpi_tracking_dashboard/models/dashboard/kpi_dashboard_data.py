from dataclasses import replace
from typing import Any

from odoo import api, fields, models

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS

from ..reading.reading import Reading
from ..reading.scopes import visible_scopes


class KpiDashboard(models.Model):
    """All that a dashboard shows, by one call and few statements."""

    _inherit = "kpi.dashboard"

    @api.readonly
    def data(self, options: dict[str, Any] | None = None):
        """The dashboard and its tiles, as far as the user may see their KPIs.

        The number of statements does not depend on how many tiles there are.

        :param options: dict; what is left out is as the dashboard has it.
            ``grain`` (empty: each KPI in its own periods), ``start`` (a day of the
            period shown), ``comparison``, ``scope`` (``type``, ``id``), ``cross``
            (``breakdown``, ``key``), ``tile_ids``
        :return: dict of ``dashboard``, ``options`` (as used), ``grains``, ``periods``,
            ``scope`` (name of what is shown), ``as_of`` and ``tiles``
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
        tiles = layout["tiles"]
        if options.tile_ids is not None:
            tiles = [tile for tile in tiles if tile["id"] in options.tile_ids]
        company = self.env["res.company"].browse(layout["company_id"] or ())
        reading = Reading(self.env, tiles, options, company or self.env.company)
        shown = replace(options, scope=reading.scope, start=reading.start)
        return {
            "dashboard": self._header(layout),
            "options": shown.as_json(),
            "grains": [["", self.env._("Latest")], *self._grain_labels()],
            "periods": self._prepare_period_values(reading),
            "scope": reading.scope_name,
            "as_of": fields.Datetime.now().isoformat() + "Z",
            "tiles": self.env["kpi.dashboard.tile"]._build_tiles(tiles, reading),
        }

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
        return {
            **{name: layout[name] for name in names},
            "description": layout["description"] or "",
            "is_editable": self._is_arranged_by_me(layout["owner_id"]),
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
        """The period shown, and days of those before and after it."""
        if not reading.options.grain or not reading.groups:
            return {"label": self.env._("Latest"), "previous": None, "next": None}
        group = reading.groups[0]
        period = group.find_period(group.grain, reading.start or group.today)
        try:
            before = periods.previous(group.spec, period).start.isoformat()
        except periods.PeriodError:  # the calendar begins in 1900
            before = None
        return {
            "label": group.name_period(period),
            "previous": before,
            "next": period.stop.isoformat() if period.stop <= group.today else None,
        }

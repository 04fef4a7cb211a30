from dataclasses import asdict, dataclass
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS
from odoo.addons.kpi_tracking.models.report.kpi_report import SCOPE_MODELS

from ..tile.kpi_dashboard_tile import MOST_PERIODS
from .kpi_dashboard import COMPARISONS

NAMES = ("grain", "start", "periods", "comparison", "scope", "cross", "tile_ids")


@dataclass(frozen=True)
class Options:
    """What a dashboard is asked to show.

    :param grain: period length; empty = each KPI in its own periods
    :param start: a day of the period shown; None = the latest
    :param periods: how many of them charts and tables show; None = as each has it
    :param comparison: ``previous``, ``year`` or ``none``
    :param scope: type and id of what the tiles are shown for; None = the widest
    :param cross: field and key of the part that all tiles are narrowed to
    :param tile_ids: only these tiles; None = all
    """

    grain: str = ""
    start: date | None = None
    periods: int | None = None
    comparison: str = "previous"
    scope: tuple[str, int] | None = None
    cross: tuple[str, str] | None = None
    tile_ids: tuple[int, ...] | None = None

    def extend(self, tiles: list[dict]) -> list[dict]:
        """Tiles with as many periods as are asked for."""
        if self.periods is None:
            return tiles
        return [{**tile, "periods": self.periods} for tile in tiles]

    def as_json(self) -> dict:
        """What a client sends to see the same again."""
        scope = self.scope and dict(zip(("type", "id"), self.scope, strict=True))
        cross = self.cross and dict(zip(("breakdown", "key"), self.cross, strict=True))
        return {
            **asdict(self),
            "start": self.start and self.start.isoformat(),
            "scope": scope,
            "cross": cross,
            "tile_ids": self.tile_ids and list(self.tile_ids),
        }


class KpiDashboard(models.Model):
    """What may be asked of a dashboard; anything else is refused by name."""

    _inherit = "kpi.dashboard"

    @api.model
    def _parse_options(self, values, grain="", comparison="previous"):
        """``Options`` from what a client or an address says.

        :param grain, comparison: where nothing is said
        :raises UserError: naming what no dashboard can show
        """
        if not isinstance(values, dict):
            raise UserError(self.env._("Dashboard options must be a JSON object."))
        for name in values:
            if name not in NAMES:
                raise UserError(self.env._("Unknown dashboard option “%s”.", name))
        found = {"grain": grain, "comparison": comparison}
        for name, value in values.items():
            if value is not None and value is not False:
                found[name] = getattr(self, f"_option_{name}")(value)
        return Options(**found)

    @api.model
    def _refuse_option(self, name, value):
        raise UserError(
            self.env._(
                "Invalid value for “%(name)s”: %(value)s.",
                name=name,
                value=str(value)[:100],
            )
        )

    @api.model
    def _option_grain(self, value):
        return self._option_among("grain", value, {"": "", **dict(GRAINS)})

    @api.model
    def _option_comparison(self, value):
        return self._option_among("comparison", value, dict(COMPARISONS))

    @api.model
    def _option_among(self, name, value, choices):
        if not isinstance(value, str) or value not in choices:
            self._refuse_option(name, value)
        return value

    @api.model
    def _option_start(self, value):
        try:
            day = fields.Date.to_date(value)
        except (TypeError, ValueError):
            day = None
        if not day or not periods.FIRST_DAY <= day <= date(9998, 1, 1):
            self._refuse_option("start", value)
        return day

    @api.model
    def _option_periods(self, value):
        if type(value) is not int or not 1 <= value <= MOST_PERIODS:
            self._refuse_option("periods", value)
        return value

    @api.model
    def _option_scope(self, value):
        if not isinstance(value, dict) or value.keys() != {"type", "id"}:
            self._refuse_option("scope", value)
        self._option_among("scope", value["type"], SCOPE_MODELS)
        return value["type"], self._option_id("scope", value["id"])

    @api.model
    def _option_cross(self, value):
        is_pair = isinstance(value, dict) and value.keys() == {"breakdown", "key"}
        if not is_pair or not all(isinstance(each, str) for each in value.values()):
            self._refuse_option("cross", value)
        return value["breakdown"], value["key"]

    @api.model
    def _option_tile_ids(self, value):
        if not isinstance(value, list | tuple):
            self._refuse_option("tile_ids", value)
        return tuple(self._option_id("tile_ids", each) for each in value)

    @api.model
    def _option_id(self, name, value):
        if type(value) is not int or not 0 < value < 2**31:
            self._refuse_option(name, value)
        return value

from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.formatting import (
    format_day,
    read_unit,
    reader_table,
    reader_words,
)
from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_base.schemas.base import Id, ScopeType

from ...engine.output.reading import show_tiles
from ...engine.output.shown import Reader
from ..reading import Reading, visible_scopes
from ..tile.kpi_dashboard_tile import MAX_TILES, MOST_PERIODS, UNAVAILABLE, in_order

FLUSHED = (
    "kpi.dashboard",
    "kpi.dashboard.tile",
    "kpi.dashboard.card",
    "kpi.dashboard.schedule",
    "kpi.dashboard.share",
    "kpi.annotation",
    "kpi.report",
)
# Fields of tiles that are read, previewed and can be given to new ones as they are.
PLAIN = ("kind", "name", "span", "height", "scope_mode", "scope_type", "periods")
PLAIN += ("breakdown", "text", "view_model", "view_type", "view_domain")
PLAIN += ("view_context", "gauge_widget_id")
CARD = ("card_style", "icon_type", "show_previous", "show_last_year", "show_target")
NEW_TILE = {*PLAIN, "definition_ids", "definition_order", "report_ids", "card_id"}
NEW_TILE |= {"sequence"}


def _read_day(value):
    if not isinstance(value, str | date):
        raise ValueError("no day")
    return fields.Date.to_date(value)


class Option(BaseModel):
    """An option of a dashboard, as clients send it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ScopeOption(Option):
    """Whom the tiles are shown for."""

    type: ScopeType
    id: Id


class CrossOption(Option):
    """The part of a field that all tiles are narrowed to."""

    breakdown: str
    key: str


class Options(Option):
    """What a dashboard is asked to show.

    :param grain: period length; empty = each KPI in its own periods
    :param start: a day of the period shown; None = the latest
    :param periods: how many of them charts and tables show; None = as each has it
    :param scope: None = the widest
    :param tile_ids: only these tiles; None = all
    """

    grain: Literal["", "day", "week", "month", "quarter", "year"] = ""
    start: (
        Annotated[
            date,
            BeforeValidator(_read_day),
            Field(ge=periods.FIRST_DAY, le=date(9998, 1, 1)),
        ]
        | None
    ) = None
    periods: Annotated[int, Field(ge=1, le=MOST_PERIODS)] | None = None
    comparison: Literal["previous", "year", "none"] = "previous"
    scope: ScopeOption | None = None
    cross: CrossOption | None = None
    tile_ids: list[Id] | tuple[Id, ...] | None = None

    def extend(self, tiles: list[dict]) -> list[dict]:
        """Tiles with as many periods as are asked for."""
        if self.periods is None:
            return tiles
        return [{**tile, "periods": self.periods} for tile in tiles]


class KpiDashboard(models.Model):
    """What may be asked of a dashboard; anything else is refused by name."""

    _inherit = "kpi.dashboard"

    @api.model
    def _parse_options(self, values, layout=None):
        """``Options`` from what a client or an address says.

        :param layout: of the dashboard, which says what is shown where they do not
        :raises UserError: naming what no dashboard can show
        """
        if not isinstance(values, dict):
            raise UserError(self.env._("Dashboard options must be a JSON object."))
        for name in values:
            if name not in Options.model_fields:
                raise UserError(self.env._("Unknown dashboard option “%s”.", name))
        usual = layout and {
            "grain": layout["default_grain"] or "",
            "comparison": layout["comparison"],
        }
        given = {
            name: value
            for name, value in values.items()
            if value is not None and value is not False
        }
        try:
            return Options(**{**(usual or {}), **given})
        except ValidationError as error:
            (wrong, *_others) = error.errors()
            raise UserError(
                self.env._(
                    "Invalid value for “%(name)s”: %(value)s.",
                    name=wrong["loc"][0],
                    value=str(wrong["input"])[:100],
                )
            ) from error

    def _start_reading(self, layout, tiles, options):
        """``Reading`` of tiles of this dashboard for the user."""
        company = self.env["res.company"].browse(layout["company_id"] or ())
        return Reading(self.env, tiles, options, company or self.env.company)

    def _layout(self):
        """The dashboard and its ``tiles``, if the user may see it, by one statement."""
        self.ensure_one()
        for model in FLUSHED:
            self.env[model].flush_model()
        tiles = self.env["kpi.dashboard.tile"]
        cards = self.env["kpi.dashboard.card"]
        plain = (*PLAIN, *tiles._list_options())
        columns = [
            SQL("%s AS %s", model._field_to_sql(alias, name), SQL.identifier(name))
            for model, alias, names in ((tiles, "tile", plain), (cards, "card", CARD))
            for name in names
        ]
        query = self.with_context(active_test=False)._search(Domain("id", "=", self.id))
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT %(title)s AS title, %(description)s AS description,
                       kpi_dashboard.revision, kpi_dashboard.owner_id,
                       kpi_dashboard.company_id, head.interval, head.default_grain,
                       head.comparison,
                       EXISTS (
                         SELECT 1
                           FROM kpi_dashboard_favorite_rel AS favorite
                          WHERE favorite.kpi_dashboard_id = %(id)s
                            AND favorite.res_users_id = %(user)s) AS is_favorite,
                       %(is_seen)s AS is_seen, kpi_dashboard.draft_of_id,
                       EXISTS (
                         SELECT 1
                           FROM kpi_dashboard_version AS version
                          WHERE version.dashboard_id = head.id) AS has_versions,
                       (SELECT max(visit.last_at)
                          FROM kpi_dashboard_visit AS visit
                         WHERE visit.dashboard_id = kpi_dashboard.id
                           AND visit.user_id = %(user)s) AS last_view,
                       draft.id AS draft_id, draft.write_date AS draft_on,
                       drafter.name AS draft_by, %(columns)s,
                       ARRAY(
                         SELECT link.kpi_definition_id
                           FROM kpi_dashboard_tile_definition_rel AS link
                          WHERE link.kpi_dashboard_tile_id = tile.id) AS definition_ids,
                       ARRAY(
                         SELECT link.kpi_report_id
                           FROM kpi_dashboard_tile_report_rel AS link
                          WHERE link.kpi_dashboard_tile_id = tile.id
                       ORDER BY link.kpi_report_id) AS report_ids,
                       tile.definition_order, tile.id
                  FROM %(visible)s
                  JOIN kpi_dashboard AS head
                    ON head.id = COALESCE(kpi_dashboard.draft_of_id, kpi_dashboard.id)
             LEFT JOIN kpi_dashboard AS draft
                    ON draft.draft_of_id = kpi_dashboard.id
                   AND draft.revision <> draft.base_revision
             LEFT JOIN res_users AS changer ON changer.id = draft.write_uid
             LEFT JOIN res_partner AS drafter ON drafter.id = changer.partner_id
             LEFT JOIN kpi_dashboard_tile AS tile
                    ON tile.dashboard_id = kpi_dashboard.id
             LEFT JOIN kpi_dashboard_card AS card ON card.id = tile.card_id
                 WHERE %(is_visible)s
              ORDER BY tile.sequence, tile.id
                """,
                title=self._field_to_sql("head", "name"),
                description=self._field_to_sql("head", "description"),
                is_seen=self._is_seen_sql(),
                id=self.id,
                user=self.env.uid,
                columns=SQL(", ").join(columns),
                visible=query.from_clause,
                is_visible=query.where_clause,
            )
        )
        if not rows:
            refusal = self._get_draft_refusal()
            raise AccessError(refusal or self.env._("This dashboard is not available."))
        for tile in rows:
            order = tile["definition_order"] or ()
            tile["definition_ids"] = in_order(tile["definition_ids"], order)
            tile["name"] = tile["name"] or ""
        # Each row has the dashboard beside the tile; without tiles it stands alone.
        tiles = [tile for tile in rows if tile["id"]]
        return {**rows[0], "id": self.id, "tiles": tiles}

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
        options = self._parse_options({} if options is None else options, layout)
        tiles = options.extend(layout["tiles"])
        if options.tile_ids is not None:
            tiles = [tile for tile in tiles if tile["id"] in options.tile_ids]
        reading = self._start_reading(layout, tiles, options)
        scope_type, scope_id = reading.scope
        scope = ScopeOption(type=scope_type, id=scope_id)
        used = {"scope": scope, "start": reading.start}
        built = self.env["kpi.dashboard.tile"]._build_tiles(tiles, reading)
        # Who looks for the first time knows no values by other numbers, unless from a
        # mail, which says when the one before was sent.
        known = [layout["last_view"], self.env.context.get("kpi_mailed_on")]
        since = max(filter(None, known), default=None)
        grains = self._fields["default_grain"]._description_selection(self.env)
        return {
            "dashboard": self._header(layout),
            "options": options.model_copy(update=used).model_dump(mode="json"),
            "grains": [["", self.env._("Latest")], *map(list, grains)],
            "periods": self._prepare_period_values(reading),
            "scope": reading.scope_name,
            "as_of": fields.Datetime.now().isoformat() + "Z",
            "tiles": [tile for tile in built if tile["state"] != UNAVAILABLE],
            "left_out": self._describe_left_out(layout, tiles, built, options, reading),
            "restated": reading.list_restated_since(since) if since else [],
        }

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
        count = elsewhere = len(places)
        if not (options.scope and reading.scope_name):
            elsewhere = self._count_elsewhere(
                [(tiles[place], built[place]) for place in places]
            )
        said = (
            self._say_elsewhere(elsewhere, reading.scope_name),
            self._say_unseen(count - elsewhere),
        )
        is_arranged = self._is_arranged_by_me(layout["owner_id"])
        return {
            "count": count,
            "message": " ".join(filter(None, said)),
            "tiles": [{**built[place], "place": place} for place in places]
            if is_arranged
            else [],
        }

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
    def _say_elsewhere(self, count, scope):
        if count == 1:
            return self.env._("1 tile has no data for %s.", scope)
        return count and self.env._(
            "%(count)s tiles have no data for %(scope)s.", count=count, scope=scope
        )

    @api.model
    def _say_unseen(self, count):
        if not count:
            return ""
        if self.env.user.has_group(OFFICER):
            if count == 1:
                return self.env._("1 tile has no tracked KPI.")
            return self.env._("%s tiles have no tracked KPI.", count)
        whom = self.env["kpi.home"]._get_officer_name()
        if count == 1:
            return self.env._("You cannot access 1 tile. Ask %s for access.", whom)
        return self.env._(
            "You cannot access %(count)s tiles. Ask %(person)s for access.",
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
        names = ("id", "revision", "is_favorite", "interval")
        names += ("draft_of_id", "has_versions")
        is_editable = self._is_arranged_by_me(layout["owner_id"])
        draft = None  # that somebody is changing
        if is_editable and layout["draft_id"]:
            draft = {
                "id": layout["draft_id"],
                "user": layout["draft_by"],
                "moment": layout["draft_on"].isoformat() + "Z",
            }
        return {
            **{name: layout[name] for name in names},
            "name": layout["title"],
            "description": layout["description"] or "",
            "is_editable": is_editable,
            "is_private": not layout["is_seen"],
            "draft": draft,
        }

    @api.model
    def _is_arranged_by_me(self, owner_id):
        """Whether the user may change a dashboard that they see, as the rules say."""
        return owner_id == self.env.uid or self.env.user.has_group(OFFICER)

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

        def get_day(period):
            """The day by which a period is asked for."""
            if reading.options.grain:
                return period.start.isoformat()
            return min(period.stop - timedelta(days=1), group.today).isoformat()

        is_latest = not reading.options.grain and not reading.start
        period = group.periods[max(group.shown.tolist())]
        try:
            before = periods.previous(group.spec, period)
        except periods.PeriodError:  # the calendar begins in 1900
            before = None
        after = None
        is_before_new = period.stop == group.today  # which gave way to it
        if period.stop <= group.today and (is_before_new or not is_latest):
            after = group.find_period(group.grain, period.stop)
        return {
            "label": latest if is_latest else group.name_period(period),
            "previous": before and get_day(before),
            "next": after and get_day(after),
            "grain": group.grain,
        }

    @api.readonly
    def preview(self, values, options=None):
        """A tile as it would look; nothing is stored.

        :param values: fields of ``kpi.dashboard.tile``
        :param options: as of ``data``
        :return: dict of ``tile``, as of ``data``, the ``title`` that it has without
            one of its own, and ``breakdowns``: pairs of a field and its name
        :raises AccessError: the user may not arrange the dashboard
        """
        self.ensure_one()
        self.check_access("write")
        (values,) = self._check_new_tiles([values])
        layout = self._layout()
        tile = self._prepare_new_tile(values)
        options = self._parse_options(options or {}, layout)
        # Whose KPIs are shown depends on all tiles.
        reading = self._start_reading(layout, [*layout["tiles"], tile], options)
        tiles = self.env["kpi.dashboard.tile"]
        (built,) = tiles._build_tiles([tile], reading)
        if built["state"] == UNAVAILABLE and tile["scope_mode"] == "filter":
            built["message"] = self.env._(
                "This KPI is not tracked for %s. Choose another KPI or change "
                "“Shown For”.",
                reading.scope_name,
            )
        reports = reading.reports_of(tile)
        return {
            "tile": built,
            "title": tiles._usual_title(tile, reports, reading) if reports else "",
            "breakdowns": tiles._list_breakdowns(reports, reading),
        }

    @api.model
    def _prepare_new_tile(self, values):
        """Values of a tile as ``_layout`` returns those of stored ones."""
        # Odoo takes commands and fills in what is usual; nothing is stored.
        tiles = self.env["kpi.dashboard.tile"]
        plain = [*PLAIN, *tiles._list_options()]
        read = {name: tiles._fields[name].convert_to_read for name in plain}
        tile = tiles.new({**tiles.default_get(plain), **values})
        card = tile.card_id._origin or self.env["kpi.dashboard.card"].search(
            [], limit=1
        )
        order = values.get("definition_order") or ()
        return {
            "id": 0,
            **{name: read[name](tile[name], tile, False) or None for name in plain},
            **{name: card[name] or None for name in CARD},
            "name": tile.name or "",
            "text": tile.text or "",
            "definition_ids": in_order(tile.definition_ids._origin.ids, order),
            "report_ids": sorted(tile.report_ids._origin.ids),
        }

    @api.model
    def _check_new_tiles(self, added):
        """Values of tiles to be; refuses what are none."""
        known = {*NEW_TILE, *self.env["kpi.dashboard.tile"]._list_options()}
        if isinstance(added, list) and len(added) > MAX_TILES:
            raise UserError(self.env._("A dashboard has at most %s tiles.", MAX_TILES))
        for values in added if isinstance(added, list) else [None]:
            if not isinstance(values, dict) or not known.issuperset(values):
                raise UserError(self.env._("Invalid new tiles: %s", values))
        return added

    @api.model
    def _drawings(self, answer, *, has_records=False):
        """``ShownTile`` of each tile of an answer of ``data``, in the user's language.

        :param has_records: whether embedded views show their records
        """
        reader = self._reader()
        shown = show_tiles(answer, reader)
        if not has_records:
            return shown
        return [
            self._show_records(each, tile, reader) if tile.get("view") else each
            for each, tile in zip(shown, answer["tiles"], strict=True)
        ]

    @api.model
    def _reader(self):
        """The user, as ``engine.dashboard`` knows them."""
        words = self._drawing_words()
        table = {**reader_table(self.env), "words": words}
        return Reader(table, words, partial(read_unit, self.env), self._day)

    @api.model
    def _is_rtl(self):
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        return lang.direction == "rtl"

    @api.model
    def _day(self, text):
        """An ISO day or moment (UTC) as the user writes the day it is."""
        return format_day(self.env, text)

    @api.model
    def _read_moment(self, text):
        """An ISO moment (UTC) in the time zone of the user."""
        moment = fields.Datetime.to_datetime(text[:19].replace("T", " "))
        return fields.Datetime.context_timestamp(self, moment)

    @api.model
    def _drawing_words(self):
        """What pictures, tables and files say beside names and numbers."""
        labels = {}
        for name in ("status", "certification"):
            field = self.env["kpi.report"]._fields[name]
            labels |= dict(field._description_selection(self.env))
        return {
            **labels,
            **reader_words(self.env),
            "so_far": self.env._("%s so far"),
            "count_on_target": self.env._("%s on track"),
            "count_at_risk": self.env._("%s at risk"),
            "count_off_target": self.env._("%s off track"),
            "vs_target": self.env._("%s vs target"),
            "vs_target_so_far": self.env._("%s vs target to date"),
            "below_range": self.env._("%s below the range"),
            "above_range": self.env._("%s above the range"),
            "within_range": self.env._("within the range"),
            "vs_period": self.env._("%(change)s vs %(period)s"),
            "same_as": self.env._("same as %s"),
            "year_ago": self.env._("same period last year"),
            "new": self.env._("new"),
            "before": self.env._("before"),
            "unavailable": self.env._("Not available"),
            "left_out": self.env._("These records appear on screen only."),
            "screen_only": self.env._("This tile appears on screen only."),
            "stale": self.env._("No newer value"),
            "nothing": self.env._("Nothing needs attention."),
            "more": self.env._("and %s more"),
            "negative": self.env._("Negative values cannot be shown as shares."),
            "overdue": self.env._("Overdue"),
            "alert": self.env._("Alert"),
            "approval": self.env._("To approve"),
            "kpi": self.env._("KPI"),
            "date": self.env._("Date"),
            "scope": self.env._("For"),
            "part": self.env._("Part"),
            "period": self.env._("Period"),
            "value": self.env._("Value"),
            "target": self.env._("Target"),
            "whole": self.env._("Full-period target"),
            "baseline": self.env._("Start"),
            "previous": self.env._("Previous period"),
            "year_before": self.env._("Same period last year"),
            "achievement": self.env._("Achievement"),
            "status": self.env._("Status"),
            "share": self.env._("Share"),
            "expected": self.env._("Expected"),
            "expected_low": self.env._("Low (80%)"),
            "expected_high": self.env._("High (80%)"),
            "expected_range": self.env._("%(value)s (%(low)s – %(high)s)"),
            "coming": self.env._("%s (forecast)"),
            "being_updated": self.env._("Forecasts are being updated"),
        }

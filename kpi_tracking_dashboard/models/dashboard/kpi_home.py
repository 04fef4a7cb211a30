from collections import Counter

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.rights import look_up_once
from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_tracking.models.home.home_kpi import read_home_kpis
from odoo.addons.kpi_tracking.models.home.kpi_home import OF_SUMMARY

from ..tile.kpi_dashboard_tile import in_order

DASHBOARDS = 8  # more are a page of their own
TILES = 8  # drawn small: the first screenful
POINTS = 8
NOTES = 5


class KpiHome(models.AbstractModel):
    """Dashboards and notes of whoever looks are panels of the overview."""

    _inherit = "kpi.home"

    @api.model
    def _get_panels(self):
        panels = super()._get_panels()
        found = {
            "kpi_tracking_dashboard.dashboards": self._list_dashboards(),
            "kpi_tracking_dashboard.notes": self._list_notes(),
        }
        return {**panels, **{key: rows for key, rows in found.items() if rows}}

    @api.model
    def _find_start_areas(self):
        """Ready dashboards, which show their KPIs together, in the order of addons."""
        return self.env["kpi.gallery.dashboard"].search(Domain.TRUE, order="id")

    @api.model
    def _get_key_kpis(self):
        """The KPIs of the dashboard that the user sees first, in its order."""
        kpis = [*super()._get_key_kpis()]
        boards = look_up_once(self.env, "dashboards", self._read_dashboards)
        for board in boards[:1]:
            kpis += (key for tile in board["tiles"] for key in tile["keys"])
        return [*dict.fromkeys(kpis)]

    @api.model
    def _list_dashboards(self):
        """The first dashboards of which the user can read something, small."""
        boards = look_up_once(self.env, "dashboards", self._read_dashboards)
        kpis = self._read_tile_kpis(boards)
        listed = []
        for board in boards:
            drawn = (_draw_small(tile, kpis) for tile in board["tiles"])
            tiles = [tile for tile in drawn if tile]
            if tiles or board["is_bare"]:
                shown = {name: board[name] for name in ("id", "name", "is_favorite")}
                listed.append({**shown, "tiles": tiles})
        return listed

    @api.model
    def _read_dashboards(self):
        """Dashboards that the user sees with their first tiles, by one statement.

        In the order of ``kpi.dashboard.get_default``: favourites, those that are shown
        first to the user, all others.

        :return: list of dicts of ``id``, ``name``, ``is_favorite``, ``is_bare``
            (without any tile) and ``tiles``, whose ``keys`` are pairs of a model and
            an id of the KPIs that they show
        """
        for model in ("kpi.dashboard", "kpi.dashboard.tile"):
            self.env[model].flush_model()
        query = self.env["kpi.dashboard"]._search(Domain.TRUE)
        if query.is_empty():
            return []
        rows = self.env.execute_query(
            SQL(
                """
                WITH board AS (
                    SELECT kpi_dashboard.id, %(name)s AS name, kpi_dashboard.sequence,
                           EXISTS (
                             SELECT 1
                               FROM kpi_dashboard_favorite_rel AS favorite
                              WHERE favorite.kpi_dashboard_id = kpi_dashboard.id
                                AND favorite.res_users_id = %(user)s) AS is_favorite,
                           kpi_dashboard.is_default,
                           EXISTS (
                             SELECT 1
                               FROM kpi_dashboard_user_rel AS shared
                              WHERE shared.kpi_dashboard_id = kpi_dashboard.id)
                           OR EXISTS (
                             SELECT 1
                               FROM hr_department_kpi_dashboard_rel AS shared
                              WHERE shared.kpi_dashboard_id = kpi_dashboard.id
                           ) AS is_personal
                      FROM %(visible)s
                     WHERE %(is_visible)s
                ),
                first AS (
                    SELECT board.*, row_number() OVER (
                             ORDER BY is_favorite DESC, is_default DESC NULLS LAST,
                                      is_default AND is_personal DESC, sequence, name,
                                      id) AS place
                      FROM board
                  ORDER BY place
                     LIMIT %(limit)s
                )
                SELECT first.id, first.name, first.is_favorite, tile.kind, tile.span,
                       tile.height, tile.scope_mode, tile.definition_order,
                       ARRAY(
                         SELECT link.kpi_definition_id
                           FROM kpi_dashboard_tile_definition_rel AS link
                          WHERE link.kpi_dashboard_tile_id = tile.id),
                       ARRAY(
                         SELECT link.kpi_report_id
                           FROM kpi_dashboard_tile_report_rel AS link
                          WHERE link.kpi_dashboard_tile_id = tile.id
                       ORDER BY link.kpi_report_id)
                  FROM first
             LEFT JOIN LATERAL (
                    SELECT *
                      FROM kpi_dashboard_tile
                     WHERE dashboard_id = first.id
                  ORDER BY sequence, id
                     LIMIT %(tiles)s
                  ) AS tile ON TRUE
              ORDER BY first.place, tile.sequence, tile.id
                """,
                name=self.env["kpi.dashboard"]._field_to_sql("kpi_dashboard", "name"),
                user=self.env.uid,
                visible=query.from_clause,
                is_visible=query.where_clause or SQL("TRUE"),
                limit=DASHBOARDS,
                tiles=TILES,
            )
        )
        boards = {}
        for id_, name, is_favorite, kind, *tile in rows:
            head = {"id": id_, "name": name, "is_favorite": is_favorite}
            board = boards.setdefault(id_, {**head, "is_bare": not kind, "tiles": []})
            if kind:
                span, height, scope_mode, order, definition_ids, report_ids = tile
                if scope_mode == "fixed":
                    definition_ids = []
                keys = [("kpi.report", id_) for id_ in report_ids]
                for id_ in in_order(definition_ids, order or ()):
                    keys.append(("kpi.definition", id_))
                shown = {"kind": kind, "span": span, "height": height, "keys": keys}
                board["tiles"].append(shown)
        return [*boards.values()]

    @api.model
    def _find_read_kpis(self, definition_ids, report_ids):
        """The KPIs of tiles, if the overview has read all of them for its cards.

        Officers are shown those of the company, which their overview is of.
        """
        if not self.env.user.has_group(OFFICER):
            return []
        kpis = [
            kpi
            for kpi in look_up_once(self.env, OF_SUMMARY, list)
            if kpi.id in report_ids
            or (kpi.scope_type == "company" and kpi.definition_id in definition_ids)
        ]
        is_complete = report_ids <= {kpi.id for kpi in kpis} and definition_ids <= {
            kpi.definition_id for kpi in kpis if kpi.scope_type == "company"
        }
        return kpis if is_complete else []

    @api.model
    def _read_tile_kpis(self, boards):
        """KPIs that the user may read of the tiles: of a definition the widest one.

        :return: dict of pairs of a model and an id → ``HomeKpi``
        """
        keys = {
            key for board in boards for tile in board["tiles"] for key in tile["keys"]
        }
        if not keys:
            return {}
        definition_ids = {id_ for model, id_ in keys if model == "kpi.definition"}
        report_ids = {id_ for model, id_ in keys if model == "kpi.report"}
        kpis = self._find_read_kpis(definition_ids, report_ids)
        if not kpis:
            by_definition = Domain("definition_id", "in", [*definition_ids])
            if self.env.user.has_group(OFFICER):
                by_definition &= Domain("scope_type", "=", "company")
            domain = by_definition | Domain("id", "in", [*report_ids])
            domain &= Domain("definition_id.active", "=", True)
            kpis = read_home_kpis(self.env, self.env["kpi.report"]._search(domain))
        widths = Counter({"company": 3, "department": 2, "team": 1})
        kpis.sort(key=lambda kpi: (widths[kpi.scope_type], -kpi.id))
        found = {("kpi.report", kpi.id): kpi for kpi in kpis}
        found |= {("kpi.definition", kpi.definition_id): kpi for kpi in kpis}
        return found

    @api.model
    def _list_notes(self):
        """The latest notes on KPIs that the user sees, by one statement."""
        self.env["kpi.annotation"].flush_model()
        query = self.env["kpi.annotation"]._search(
            Domain.TRUE, order="date desc, id desc", limit=NOTES
        )
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT note.id, note.text, note.date::text AS date, note.report_id,
                       report.name AS kpi, author.name AS author
                  FROM kpi_annotation AS note
                  JOIN kpi_report AS report ON report.id = note.report_id
                  JOIN res_users AS person ON person.id = note.user_id
                  JOIN res_partner AS author ON author.id = person.partner_id
                 WHERE note.id IN %s
              ORDER BY note.date DESC, note.id DESC
                """,
                query.subselect(),
            )
        )


def _draw_small(tile, kpis):
    """What a thumbnail draws of a tile: its kind, and its first readable KPI.

    None where it has KPIs of which the user can read none.
    """
    found = [kpis[key] for key in tile["keys"] if key in kpis]
    if tile["keys"] and not found:
        return None
    kpi = found[0] if found else None
    return {
        "kind": tile["kind"],
        "span": tile["span"],
        "height": tile["height"],
        "status": kpi.status if kpi else "",
        # The latest facts come first.
        "values": [*reversed((kpi.numbers or [])[:POINTS])] if kpi else [],
    }

from collections import Counter

from psycopg2.extras import Json

from odoo import models
from odoo.tools import SQL


class KpiDashboard(models.Model):
    """What the tiles of a dashboard are at a moment, to be kept and compared.

    A state is a dict of ``entry`` (of a pack: KPIs by their codes), and for each of
    its tiles ``tile_ids``, ``titles`` and ``texts`` (in all languages).
    """

    _inherit = "kpi.dashboard"

    def _get_state(self):
        """The state as it is now, whoever asks and in whichever language."""
        self.ensure_one()
        # Whole, with KPIs that are archived or that the user does not see: what is
        # kept is given back to who arranges the dashboard.
        whole = self.sudo().with_context(active_test=False, lang=None)
        tiles = whole.tile_ids.sorted()
        texts = whole._read_texts()
        return {
            "entry": self.env["kpi.pack.dashboards"]
            .with_env(whole.env)
            ._entry_of(whole),
            "tile_ids": tiles.ids,
            "titles": whole._list_distinct_titles(tiles),
            "texts": [texts[tile.id] for tile in tiles],
        }

    def _list_distinct_titles(self, tiles):
        """A title of each tile that no other one has: with its kind, and a number."""
        titles = tiles.mapped("display_name")
        kinds = dict(tiles._fields["kind"]._description_selection(tiles.env))
        count_of = Counter(titles)
        named = [
            f"{title} ({kinds[tile.kind]})" if count_of[title] > 1 else title
            for title, tile in zip(titles, tiles, strict=True)
        ]
        count_of, seen, distinct = Counter(named), Counter(), []
        for title in named:
            seen[title] += 1
            is_first = count_of[title] == 1 or seen[title] == 1
            distinct.append(title if is_first else f"{title} {seen[title]}")
        return distinct

    def _read_texts(self):
        """Translated fields of each tile as they are stored, by its id."""
        names = self._get_translated_names()
        self.env["kpi.dashboard.tile"].flush_model([*names, "dashboard_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM kpi_dashboard_tile WHERE dashboard_id = %s",
                SQL(", ").join(map(SQL.identifier, names)),
                self.id,
            )
        )
        return {id_: dict(zip(names, texts, strict=True)) for id_, *texts in rows}

    def _write_texts(self, tiles, texts):
        """Put back what ``_read_texts`` has read."""
        names = self._get_translated_names()
        tiles.flush_recordset(names)
        for tile, known in zip(tiles, texts, strict=True):
            for name in set(names).intersection(known):
                self.env.cr.execute(
                    SQL(
                        "UPDATE kpi_dashboard_tile SET %s = %s WHERE id = %s",
                        SQL.identifier(name),
                        Json(known[name]) if known[name] else None,
                        tile.id,
                    )
                )
        tiles.invalidate_recordset(names)

    def _get_translated_names(self):
        fields_ = self.env["kpi.dashboard.tile"]._fields.values()
        return [field.name for field in fields_ if field.store and field.translate]


def changes_between(before, after):
    """What became of the tiles from one state to another.

    :return: list of dicts of ``kind`` (``added``, ``removed``, ``changed`` or
        ``moved``), ``tile_id`` and ``title``
    """
    old, new = _tiles_of(before), _tiles_of(after)
    kinds = {
        **{id_: "removed" for id_ in old if id_ not in new},
        **{id_: "added" for id_ in new if id_ not in old},
        **{id_: "changed" for id_ in new if id_ in old and new[id_][0] != old[id_][0]},
    }
    for id_ in _find_moved([*old], [*new]):
        kinds.setdefault(id_, "moved")
    return [
        {"kind": kind, "tile_id": id_, "title": (new.get(id_) or old[id_])[1]}
        for id_, kind in kinds.items()
    ]


def _tiles_of(state):
    """What each tile shows, and its title, by its id."""
    rows = zip(
        state["tile_ids"],
        state["entry"]["tiles"],
        state["texts"],
        state["titles"],
        strict=True,
    )
    return {id_: ((entry, texts), title) for id_, entry, texts, title in rows}


def _find_moved(before, after):
    """The fewest ids to move, for those of both to be in the order of ``after``."""
    place_of = {id_: place for place, id_ in enumerate(before)}
    known = [id_ for id_ in after if id_ in place_of]
    runs = []  # of each id the longest row that still is in order and ends with it
    for id_ in known:
        earlier = [run for run in runs if place_of[run[-1]] < place_of[id_]]
        runs.append([*max(earlier, key=len, default=[]), id_])
    return set(known).difference(max(runs, key=len, default=[]))

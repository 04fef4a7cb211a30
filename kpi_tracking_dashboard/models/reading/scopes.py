"""Companies, departments, teams and people that dashboards can be shown for."""

from dataclasses import dataclass

from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_tracking.models.report.kpi_report import SCOPE_MODELS


@dataclass(frozen=True)
class Scope:
    """A company, department, team or person that KPIs are tracked for.

    :param path: ids of the departments above and of itself; empty for others
    """

    type: str
    id: int
    name: str
    path: str

    @property
    def key(self):
        return self.type, self.id

    @property
    def depth(self):
        """How many departments are above."""
        return max(self.path.count("/") - 1, 0)

    def as_json(self):
        return {
            "type": self.type,
            "id": self.id,
            "name": self.name,
            "depth": self.depth,
        }


def visible_scopes(env, definition_ids):
    """What these KPIs are tracked for, as far as the user may see them.

    :return: list of ``Scope``, companies first; departments follow the one above
    """
    # With the user's rights: no scope is named that has no KPI of theirs.
    domain = Domain("definition_id", "in", list(definition_ids))
    domain &= Domain("definition_id.active", "=", True)
    keys = env["kpi.report"]._read_group(domain, ["scope_type", "scope_id"])
    return [*read_scopes(env, keys).values()]


def read_scopes(env, keys):
    """Type and id → ``Scope``, as ``visible_scopes`` orders them; none that is gone."""
    ids_of = {}
    for scope_type, scope_id in keys:
        ids_of.setdefault(scope_type, []).append(scope_id)
    if not ids_of:
        return {}
    named = []
    for scope_type, ids in ids_of.items():
        # Who sees a KPI sees whom it is for: also a colleague of another company.
        scopes = env[SCOPE_MODELS[scope_type]].sudo().with_context(active_test=False)
        query = scopes._search([("id", "in", ids)])
        id_, name = (
            scopes._field_to_sql(query.table, each, query) for each in ("id", "name")
        )
        path = SQL("''")
        if scope_type == "department":
            path = scopes._field_to_sql(query.table, "parent_path")
        named.append(query.select(SQL("%s", scope_type), id_, name, path))
    rows = env.execute_query(
        SQL(
            """
            SELECT *
              FROM (%s) AS scope (type, id, name, path)
          ORDER BY array_position(%s, type), string_to_array(path, '/'), name, id
            """,
            SQL(" UNION ALL ").join(named),
            list(SCOPE_MODELS),
        )
    )
    return {
        (scope_type, id_): Scope(scope_type, id_, name, path or "")
        for scope_type, id_, name, path in rows
    }

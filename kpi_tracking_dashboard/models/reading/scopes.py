"""Companies, departments, teams and people that dashboards can be shown for."""

from dataclasses import dataclass

from odoo.fields import Domain
from odoo.tools import SQL

ORDER = ("company", "department", "team", "user")


NAMED = {
    "company": """
        SELECT 'company', id, name, ''
          FROM res_company
         WHERE id = ANY(%(ids)s)
        """,
    "department": """
        SELECT 'department', id, COALESCE(name ->> %(lang)s, name ->> 'en_US'),
               COALESCE(parent_path, '')
          FROM hr_department
         WHERE id = ANY(%(ids)s)
        """,
    "team": """
        SELECT 'team', id, COALESCE(name ->> %(lang)s, name ->> 'en_US'), ''
          FROM kpi_team
         WHERE id = ANY(%(ids)s)
        """,
    "user": """
        SELECT 'user', person.id, partner.name, ''
          FROM res_users AS person
          JOIN res_partner AS partner ON partner.id = person.partner_id
         WHERE person.id = ANY(%(ids)s)
        """,
}


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


def visible_scopes(env, definition_ids, limit=None):
    """What these KPIs are tracked for, as far as the user may see them.

    :return: list of ``Scope``, companies first; departments follow the one above
    """
    # The visible query of the user: no scope is named that has no KPI of theirs.
    domain = Domain("definition_id", "in", list(definition_ids))
    domain &= Domain("definition_id.active", "=", True)
    query = env["kpi.report"]._search(domain)
    if query.is_empty():
        return []
    rows = env.execute_query(
        SQL(
            """
            WITH scope AS (
                SELECT DISTINCT kpi_report.scope_type, kpi_report.scope_id
                  FROM %(tables)s
                 WHERE %(condition)s
            )
            SELECT scope.scope_type, scope.scope_id,
                   COALESCE(
                     company.name,
                     department.name ->> %(lang)s, department.name ->> 'en_US',
                     team.name ->> %(lang)s, team.name ->> 'en_US',
                     partner.name, ''),
                   COALESCE(department.parent_path, '')
              FROM scope
         LEFT JOIN res_company AS company
                ON scope.scope_type = 'company' AND company.id = scope.scope_id
         LEFT JOIN hr_department AS department
                ON scope.scope_type = 'department' AND department.id = scope.scope_id
         LEFT JOIN kpi_team AS team
                ON scope.scope_type = 'team' AND team.id = scope.scope_id
         LEFT JOIN res_users AS person
                ON scope.scope_type = 'user' AND person.id = scope.scope_id
         LEFT JOIN res_partner AS partner ON partner.id = person.partner_id
          ORDER BY array_position(%(order)s, scope.scope_type::text),
                   string_to_array(department.parent_path, '/'), 3, 2
             LIMIT %(limit)s
            """,
            tables=query.from_clause,
            condition=query.where_clause or SQL("TRUE"),
            lang=env.lang or "en_US",
            order=list(ORDER),
            limit=limit,
        )
    )
    return [Scope(*row) for row in rows]


def read_scopes(env, keys):
    """Type and id → ``Scope``; without those that are gone."""
    ids_of = {}
    for scope_type, scope_id in keys:
        ids_of.setdefault(scope_type, []).append(scope_id)
    # Tables that nothing is asked of would be joined for nothing.
    rows = env.execute_query(
        SQL(" UNION ALL ").join(
            SQL(NAMED[scope_type], ids=ids, lang=env.lang or "en_US")
            for scope_type, ids in ids_of.items()
        )
    )
    found = [Scope(*row) for row in rows]
    return {scope.key: scope for scope in found}

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL


class KpiReport(models.Model):
    """KPIs and scorecards related to a KPI, as far as the reader may see them."""

    _inherit = "kpi.report"

    part_of_ids = fields.Many2many(
        "kpi.report",
        compute="_compute_part_of_ids",
        help="Formulas that use this KPI, and the same KPI one level up.",
    )
    made_of_ids = fields.Many2many(
        "kpi.report",
        compute="_compute_made_of_ids",
        help="KPIs used in the formula, and the same KPI one level down.",
        string="Consists Of",
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("definition_id", "scope_type", "scope_id", "company_id")
    def _compute_part_of_ids(self):
        for report, parents in self._relatives(child=self.ids).items():
            report.part_of_ids = parents

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("definition_id", "scope_type", "scope_id", "company_id")
    def _compute_made_of_ids(self):
        for report, children in self._relatives(parent=self.ids).items():
            report.made_of_ids = children

    def _list_scope_pairs(self):
        """Pairs (id of a part, id of one of these), whoever may see them.

        The same KPI one level down, as of today.
        """
        self.env.flush_all()
        today = fields.Date.context_today(self)
        return self.env.execute_query(_scope_pairs_sql(None, self.ids, today))

    def _list_ancestor_pairs(self):
        """Pairs (id of one of these, id of what it is part of), whoever may see them.

        What that is part of in turn counts too, all by one statement.
        """
        self.env.flush_all()
        today = fields.Date.context_today(self)
        parents = defaultdict(set)
        for part_id, parent_id in self.env.execute_query(_family_sql(self.ids, today)):
            parents[part_id].add(parent_id)
        return [
            (report_id, parent_id)
            for report_id in self.ids
            for parent_id in _climb(parents, report_id)
        ]

    def _list_pairs(self, *, child=None, parent=None):
        """Pairs (id of a part, id of what it is directly part of), by one statement.

        :param child, parent: ids at the known end; one of them is given
        """
        self.env.flush_all()
        today = fields.Date.context_today(self)
        return self.env.execute_query(
            SQL(
                "%s UNION %s",
                _formula_pairs_sql(child, parent),
                _scope_pairs_sql(child, parent, today),
            )
        )

    def _relatives(self, *, child=None, parent=None):
        """The other ends of the pairs, for all reports by two statements and a search.

        :param child, parent: ids at the known end; one of them is given
        :return: dict report → readable, active reports at the other end
        """
        pairs = self._list_pairs(child=child, parent=parent)
        related = defaultdict(list)
        for child_id, parent_id in pairs:
            known, other = (child_id, parent_id) if child else (parent_id, child_id)
            related[known].append(other)
        others = {other for ids in related.values() for other in ids}
        readable = (
            self.search([("id", "in", list(others))]) if others else self.browse()
        )
        return {
            report: readable.filtered(
                lambda other, ids=set(related[report._origin.id]): other.id in ids
            )
            for report in self
        }


def _climb(parents, report_id):
    """Ids of all that a report is part of; of a cycle the others."""
    found, left = set(), [report_id]
    while left:
        new = parents.get(left.pop(), set()) - found - {report_id}
        found |= new
        left += new
    return found


def _family_sql(ids, today):
    """Pairs of all reports of the definitions of ``ids``, and of those made of them."""
    return SQL(
        """
        WITH RECURSIVE family AS (
            SELECT definition_id AS id FROM kpi_report WHERE id = ANY(%(ids)s)
             UNION
            SELECT link.definition_id
              FROM family
              JOIN kpi_definition_component_rel AS link
                ON link.component_id = family.id
        )
        %(formulas)s UNION %(scopes)s
        """,
        ids=ids,
        formulas=_formulas_sql(SQL("part.definition_id IN (SELECT id FROM family)")),
        scopes=_scopes_sql(SQL("SELECT id FROM family"), SQL("TRUE"), today),
    )


def _formula_pairs_sql(child, parent):
    return _formulas_sql(_pair_filter_sql(child, parent))


def _formulas_sql(condition):
    """Reports of formulas, and of their parts for the same scope."""
    return SQL(
        """
        SELECT part.id AS child_id, parent.id AS parent_id
          FROM kpi_report AS part
          JOIN kpi_definition_component_rel AS link
            ON link.component_id = part.definition_id
          JOIN kpi_report AS parent
            ON parent.definition_id = link.definition_id
           AND parent.scope_type = part.scope_type
           AND parent.scope_id = part.scope_id
           AND parent.company_id = part.company_id
         WHERE part.active
           AND parent.active
           AND %s
        """,
        condition,
    )


def _scope_pairs_sql(child, parent, today):
    known = (
        SQL("child_id = ANY(%s)", child)
        if child
        else SQL("parent_id = ANY(%s)", parent)
    )
    ids = child or parent
    definitions = SQL("SELECT definition_id FROM kpi_report WHERE id = ANY(%s)", ids)
    return _scopes_sql(definitions, known, today)


def _scopes_sql(definitions, known, today):
    """Reports of a definition, and the same one of the nearest wider scopes.

    A department stands below the nearest department above it that is tracked; a person
    below the teams and the nearest department of today; all of them below the company
    where nothing is nearer.
    """
    return SQL(
        """
        SELECT child_id, parent_id
          FROM (
            SELECT part.id AS child_id, parent.id AS parent_id, wider.depth,
                   max(wider.depth) OVER (PARTITION BY part.id, wider.kind) AS nearest,
                   max(wider.depth) OVER (PARTITION BY part.id) AS deepest
              FROM kpi_report AS part
        CROSS JOIN LATERAL (%(wider)s) AS wider
              JOIN kpi_report AS parent
                ON parent.definition_id = part.definition_id
               AND parent.company_id = part.company_id
               AND parent.scope_type = wider.kind
               AND parent.scope_id = wider.id
               AND parent.active
             WHERE part.active
               AND part.definition_id IN (%(definitions)s)
          ) AS pair
         WHERE depth = nearest
           AND (depth > 0 OR deepest = 0)
           AND %(known)s
        """,
        wider=_wider_scopes_sql(today),
        definitions=definitions,
        known=known,
    )


def _wider_scopes_sql(today):
    """Kind, id and depth (the company: 0) of what the report ``part`` lies in."""
    return SQL(
        """
        SELECT 'company' AS kind, part.company_id AS id, 0 AS depth
         WHERE part.scope_type <> 'company'
     UNION ALL
        SELECT 'department', above.id, length(above.parent_path)
          FROM hr_department AS own
          JOIN hr_department AS above
            ON starts_with(own.parent_path, above.parent_path)
         WHERE part.scope_type = 'department'
           AND own.id = part.scope_id
           AND above.id <> own.id
     UNION ALL
        SELECT stay.scope_type, stay.scope_id,
               COALESCE(length(department.parent_path), 1)
          FROM kpi_membership AS stay
     LEFT JOIN hr_department AS department
            ON department.id = stay.scope_id
           AND stay.scope_type = 'department'
         WHERE part.scope_type = 'user'
           AND stay.user_id = part.scope_id
           AND stay.company_id = part.company_id
           AND stay.date_from <= %(today)s
           AND stay.date_to > %(today)s
        """,
        today=today,
    )


def _pair_filter_sql(child, parent):
    if child:
        return SQL("part.id = ANY(%s)", child)
    return SQL("parent.id = ANY(%s)", parent)

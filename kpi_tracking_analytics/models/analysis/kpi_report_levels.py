from collections import defaultdict

import numpy as np

from odoo import models

from ...analytics.whole import Level

WIDE = ("company", "department")  # teams share people with departments
NESTED = (*WIDE, "user")


class KpiReport(models.Model):
    """Which KPIs are in which: of those that add up over departments and people."""

    _inherit = "kpi.report"

    def _find_levels(self):
        """Levels of parents among these KPIs, the widest first; rows are places in it.

        A parent of which a part is not among them is left out, and who is in two
        departments at once.

        :return: list of ``Level``
        """
        summed = self.filtered(lambda kpi: kpi.definition_id.aggregation_scope == "sum")
        wide = summed.filtered(lambda kpi: kpi.scope_type in WIDE)
        if not wide or wide == summed and set(wide.mapped("scope_type")) == {"company"}:
            return []
        row_of = {id_: row for row, id_ in enumerate(self.ids)}
        parents_of, incomplete = defaultdict(set), set()
        pairs = wide._list_scope_pairs()
        nested = self.browse({part for part, _parent in pairs}).filtered(
            lambda kpi: kpi.scope_type in NESTED
        )
        for part, parent in pairs:
            if part not in nested._ids:
                continue
            if part in row_of:
                parents_of[part].add(parent)
            else:
                incomplete.add(parent)
        parent_of = {
            part: min(parents)
            for part, parents in parents_of.items()
            if len(parents) == 1 and parents.isdisjoint(incomplete)
        }
        by_depth = defaultdict(list)
        for part, parent in parent_of.items():
            depth, above = 0, parent
            while above := parent_of.get(above):
                depth += 1
            by_depth[depth].append((row_of[part], row_of[parent]))
        return [Level(*np.array(by_depth[depth], int).T) for depth in sorted(by_depth)]

from odoo import api, models

from odoo.addons.kpi_base.engine.links import list_circles


class KpiImportInitiative(models.AbstractModel):
    """Rows of which each would be below the other."""

    _inherit = "kpi.import.initiative"

    @api.model
    def _refuse_duplicates(self, run):
        result = super()._refuse_duplicates(run)
        self._drop_refused(run)
        self._refuse_circles(run)
        return result

    @api.model
    def _refuse_circles(self, run):
        """Refuse the rows on a circle, with its path; the others are imported."""
        staged = self._read_staged()
        numbers = {reference: number for number, reference, _values in staged}
        above = self._find_above(run.job, staged)
        for circle in list_circles(above):
            path = " → ".join(map(self._name_node, [*circle, circle[0]]))
            reason = self.env._("It would be below itself: %s.", path)
            for reference in circle:
                if reference in numbers:
                    run.refuse(numbers[reference], reason, ("programme",))

    @api.model
    def _find_above(self, job, staged):
        """What each initiative is below of after the import.

        Those with a row are named by their reference, others by their id.
        """
        known = self._find_existing(job, [row[1] for row in staged])
        rows = {one.id: reference for reference, one in known.items()}
        missing = self._find_missing_programmes()
        above = {}
        for _number, reference, values in staged:
            own = known.get(reference, self.env["kpi.initiative"]).parent_id.id
            programme = values.get("programme", own)
            above[reference] = missing.get(programme) or rows.get(programme, programme)
        for node in list(above.values()):
            while isinstance(node, int) and node and node not in above:
                parent = self.env["kpi.initiative"].browse(node).parent_id.id
                above[node] = rows.get(parent, parent)
                node = above[node]
        return above

    @api.model
    def _name_node(self, node):
        if isinstance(node, str):
            return node
        return self.env["kpi.initiative"].browse(node).display_name

from odoo import api, fields, models


class KpiLessonTag(models.Model):
    """Topic of lessons and initiatives, by which lessons are found again."""

    _name = "kpi.lesson.tag"
    _description = "Topic"
    _inherit = ["kpi.input.mixin"]
    _order = "name"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(aggregator=None)

    _name_uniq = models.UniqueIndex("(name)", "This topic is there already.")

    @api.model
    def _find_or_create(self, names):
        """Topics of these names; those that are missing are made.

        :return: each once, in the order of the names
        """
        found = self.browse()
        for name in dict.fromkeys(" ".join(name.split()) for name in names):
            known = self.search([("name", "=", name)], limit=1)
            found |= known or self.create({"name": name})
        return found

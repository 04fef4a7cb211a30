from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...schemas.base import Word
from .base import find_heirs

LEAST_LETTERS = 2
MOST_FOUND = 5  # of each model


class KpiFindableMixin(models.AbstractModel):
    """Records that people find by name in the command palette."""

    _name = "kpi.findable.mixin"
    _description = "Searchable by Name"

    @api.model
    @api.readonly
    def find_by_name(self, text: Word):
        """Find records of all these models that the user may read, in one statement.

        What their rules look up of the user comes on top.

        :return: dicts of ``model``, ``id``, ``name`` and ``kind`` (the model in words);
            those of a model whose names begin with ``text`` first
        """
        text = text.strip()
        if len(text) < LEAST_LETTERS:
            return []
        branches = [
            records._found_sql(text)
            for records in find_heirs(self.env, "kpi.findable.mixin")
            if records.has_access("read")
        ]
        if not branches:
            return []
        rows = self.env.execute_query(SQL(" UNION ALL ").join(branches))
        return [
            dict(zip(("model", "id", "name", "kind"), row, strict=True)) for row in rows
        ]

    @api.model
    def _found_sql(self, text):
        query = self._search(Domain("display_name", "ilike", text))
        name, rank = self._found_name_sql(query)
        place = SQL("strpos(lower(%s), lower(%s))", name, text)
        query.order = SQL("%s, %s, %s", place, rank, name)
        query.limit = MOST_FOUND
        # What a model is called is no secret.
        words = self.env["ir.model"].sudo()._field_to_sql("ir_model", "name")
        kind = SQL("(SELECT %s FROM ir_model WHERE model = %s)", words, self._name)
        id_ = SQL.identifier(query.table, "id")
        return SQL("(%s)", query.select(SQL("%s", self._name), id_, name, kind))

    def _found_name_sql(self, query):
        """The name that is shown, and what is first of those that fit alike."""
        name = self._field_to_sql(query.table, self._rec_name or "name", query)
        return name, name

    def action_open_found(self):
        """Open what was found."""
        self.check_access("read")
        return self.get_formview_action()

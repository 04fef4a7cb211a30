from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestIndexes(TransactionCase):
    def test_lines_of_a_record_are_found_by_an_index(self):
        """An index of its own, or one that begins with the record."""
        indexes = self._read_indexes()
        for field, inverse in self._list_inverses():
            begun = [(inverse.name,)]
            if inverse.type == "many2one_reference":
                begun = [(inverse.model_field, inverse.name)]
            with self.subTest(f"{inverse} of {field}"):
                known = indexes.get(self.env[inverse.model_name]._table, [])
                found = [
                    one for one in begun for index in known if index[: len(one)] == one
                ]
                self.assertTrue(found, known)

    def _list_inverses(self):
        """Pairs of a one2many field to rows of ours and the field that it follows."""
        for model in self.env.values():
            for field in model._fields.values():
                if field.type != "one2many" or not field.inverse_name:
                    continue
                lines = self.env[field.comodel_name]
                inverse = lines._fields[field.inverse_name].base_field
                is_stored = inverse.store and inverse.column_type
                is_table = lines._auto and not lines._abstract and not lines._transient
                is_ours = lines._original_module and lines._name.startswith("kpi.")
                if is_ours and is_table and is_stored:
                    yield field, inverse

    def _read_indexes(self):
        """Table → columns of each index that holds all its rows with a first column."""
        self.env.cr.execute(
            """
            SELECT part.indrelid::regclass::text,
                   array_agg(pg_get_indexdef(part.indexrelid, place, TRUE)
                             ORDER BY place)
              FROM pg_index AS part,
                   generate_series(1, part.indnkeyatts) AS place
             WHERE part.indpred IS NULL
                OR pg_get_expr(part.indpred, part.indrelid) = concat(
                       '(', pg_get_indexdef(part.indexrelid, 1, TRUE), ' IS NOT NULL)'
                   )
          GROUP BY part.indexrelid, part.indrelid
            """
        )
        indexes = {}
        for table, columns in self.env.cr.fetchall():
            indexes.setdefault(table, []).append(tuple(columns))
        return indexes

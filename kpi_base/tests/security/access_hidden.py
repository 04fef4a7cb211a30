import re

from psycopg2 import Error

from odoo.fields import Domain
from odoo.tools import SQL, mute_logger

from ...rights import KEY
from ..common import some_of

NUMBER, TEXT = 987_000_000, "hidden987"  # followed by the id of the row
MARK = re.compile(r"987\d{6}|hidden987")
NUMBERS, TEXTS = ("integer", "float", "monetary"), ("char", "text", "html")


class AccessHiddenMixin:
    """What is stored where its reader may not look is not found out by asking.

    All numbers and texts of all rows that the least of users may not read, but what
    they are called by, are replaced by marks. Then that user looks for marks by each
    field, and by each field of what a field leads to, and reads, groups and exports
    what there is: nothing may come back. In the default run a third of these ways is
    gone for each model. Goes with ``AccessChoicesMixin``.
    """

    def test_hidden_values_answer_nothing(self):
        self.env.flush_all()
        marked = self._mark_hidden()
        for name, fields in marked.items():
            self.assertTrue(self._find(self.env[name], _is_marked(fields)), name)
        self.assertFalse([*self._list_told(marked)], "told by asking for it")

    def _list_told(self, marked):
        """(model, way, mark) of all that is told."""
        rights = {}  # looked up once, as requests do that read
        for name in self.env.registry:
            own = self.env[name].with_user(self.users["user"])
            own = own.with_context(active_test=False)
            is_ours = own._original_module == self.addon and name.startswith("kpi.")
            if not is_ours or own._abstract or not own.has_access("read"):
                continue
            for way, look in some_of([*self._look(own, marked)], name):
                self.env.cr.cache[KEY] = rights
                if found := MARK.search(self._answer(look)):
                    yield name, way, found[0]

    def _look(self, own, marked):
        """(name, call) of all ways to ask."""
        rows = own.search([])
        yield "read", rows.read
        for field in own._fields.values():
            yield from self._look_by(field, rows, marked.get(field.comodel_name))

    def _look_by(self, field, rows, marks):
        """As above, by a field.

        :param marks: fields that hold marks in the model that it leads to
        """
        own, name = rows.browse(), field.name
        yield f"group by {name}", lambda: own.formatted_read_group([], [name])
        # Where nothing names a record, Odoo finds all of them by any name.
        is_sought = name != "display_name" or own._rec_name or own._rec_names_search
        if field.type in NUMBERS + TEXTS and name != "id" and is_sought:
            yield f"search {name}", lambda: self._find(own, _is_marked([field]))
        if not marks:
            return
        paths = [each.name for each in marks]
        hidden = list(_is_marked(marks))
        yield f"search by {name}", lambda: self._find(own, [(name, "any", hidden)])
        spec = {name: {"fields": dict.fromkeys(paths, {})}}
        yield f"web_read of {name}", lambda: rows.web_read(spec)
        if field.type == "many2one":
            path = f"{name}.{paths[0]}"
            yield f"group by {path}", lambda: own.formatted_read_group([], [path])
            exported = [path.replace(".", "/")]
            yield f"export {path}", lambda: rows[:1].export_data(exported)

    def _find(self, own, domain):
        """A mark where the domain finds a row."""
        return TEXT if own.with_context(active_test=False).search_count(domain) else ""

    def _mark_hidden(self):
        """Mark what the user may not read: model → fields that hold marks there."""
        marked = {}
        for name in self.env.registry:
            own = self.env[name].with_user(self.users["user"])
            own = own.with_context(active_test=False)
            if not name.startswith("kpi.") or own._abstract or not own._auto:
                continue
            rows = own.sudo().search([]).sudo(False)
            rows -= rows._filtered_access("read")
            if rows and (fields := [*self._mark(rows)]):
                marked[name] = fields
        self.env.invalidate_all(flush=False)
        return marked

    def _mark(self, rows):
        for field in rows._fields.values():
            is_number = field.type in NUMBERS
            if not (field.store and field.column_type) or field.name == "id":
                continue
            if not (is_number or field.type in TEXTS):
                continue
            if field.name == rows._rec_name:
                continue  # Odoo names to readers of a record what it leads to
            mark = SQL("%s + id", NUMBER) if is_number else SQL("%s || id", TEXT)
            if field.translate:
                mark = SQL("jsonb_build_object('en_US', %s)", mark)
            savepoint = self.env.cr.savepoint(flush=False)
            try:
                with mute_logger("odoo.sql_db"):
                    self.env.cr.execute(
                        SQL(
                            "UPDATE %s SET %s = %s WHERE id = ANY(%s)",
                            SQL.identifier(rows._table),
                            SQL.identifier(field.name),
                            mark,
                            rows.ids,
                        )
                    )
                savepoint.close(rollback=False)
                yield field
            except Error:  # rows that nobody changes, or columns that hold no mark
                savepoint.close(rollback=True)


def _is_marked(fields):
    """Domain of the rows that hold a mark in any of these fields."""
    return Domain.OR(
        Domain(field.name, ">=", NUMBER)
        if field.type in NUMBERS
        else Domain(field.name, "ilike", TEXT)
        for field in fields
    )

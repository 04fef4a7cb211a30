from threading import current_thread

from odoo import fields
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import html2plaintext, mute_logger

from odoo.addons.kpi_base.tests.common import is_in_sample, some_of

OURS = "kpi."
TEXTS = ("char", "text", "html")
NOBODY = 2**31 - 1  # id of no record
# shorter texts are words that stand anywhere
SHORTEST = 8
QUIET = (
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_rule",
    "odoo.models",
    "odoo.sql_db",
)


@tagged("post_install", "-at_install")
class TestDemoForeignNames(TransactionCase):
    """Odoo's own models, which name records by model and id, say nothing of ours.

    For each of our models a record is tried that the reader may not read. By default a
    third of the models is tried, each way to name them by one of the readers.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        current_thread().dbname = cls.env.cr.dbname
        abroad = cls.env["res.company"].create({"name": "Abroad"})
        employee = "kpi_base.kpi_base_group_user"
        at = {"company_id": abroad.id, "company_ids": [fields.Command.set(abroad.ids)]}
        cls.readers = (
            new_test_user(cls.env, "names-stranger", "base.group_user"),
            new_test_user(cls.env, "names-abroad", employee, **at),
            new_test_user(cls.env, "names-portal", "base.group_portal"),
        )

    def _iterate_models(self):
        for name in sorted(self.env.registry):
            model = self.env[name]
            is_ours = name.startswith(OURS) and not model._abstract
            if is_ours and not model._transient and is_in_sample(name):
                yield model

    def _list_references(self):
        """Models of Odoo that refer to records, as (model, name of model's, of id's).

        The name of the field with the model is None where the other one has both.
        """
        found = []
        for name in sorted(self.env.registry):
            model = self.env[name]
            if name.startswith(OURS) or model._abstract:
                continue
            for field in model._fields.values():
                if field.type == "reference":
                    found.append((model, None, field.name))
                elif field.type == "many2one_reference":
                    found.append((model, field.model_field, field.name))
                elif field.name.endswith(("res_id", "res_ids")):
                    prefix = field.name.rpartition("res_id")[0]
                    names = (f"{prefix}res_model", f"{prefix}model")
                    same = [each for each in names if each in model._fields]
                    found += [(model, each, field.name) for each in same[:1]]
        return found

    def _refer(self, reference, record_name, record_id):
        """Values of a row that refers to a record."""
        model, model_field, id_field = reference
        if not model_field:
            return {id_field: f"{record_name},{record_id}"}
        is_many = id_field.endswith("ids")
        values = {
            model_field: record_name,
            id_field: str([record_id]) if is_many else record_id,
        }
        if f"{model_field}_id" in model._fields:
            model_id = self.env["ir.model"]._get_id(record_name)
            values[f"{model_field}_id"] = model_id
        return values

    def _find_unreadable(self, model, reader):
        """A record that the reader may not read, the newest."""
        records = model.search([], order="id desc", limit=50)
        readable = records.with_user(reader)._filtered_access("read")
        return (records - records.browse(readable.ids))[:1]

    def _list_secrets(self, record):
        """What the record is called and says, but for common words and companies.

        Odoo's own dialogs show the company of any record.
        """
        names = [
            field.name
            for field in record._fields.values()
            if field.type in TEXTS and field.store and not field.groups
        ]
        said = {html2plaintext(record[name] or "").strip() for name in names}
        said.add(record.display_name or "")
        said -= {*self.env["res.company"].search([]).mapped("name")}
        return {
            text for text in said if len(text) >= SHORTEST and not text.startswith(OURS)
        }

    def _fill_in(self, model, values):
        """What the form of a new row answers, or why it refuses."""
        spec = {}
        for field in model._fields.values():
            if field.type in TEXTS:
                spec[field.name] = {}
            elif field.type in ("many2one", "reference"):
                spec[field.name] = {"fields": {"display_name": {}}}
        return str(model.onchange(values, [*values], spec))

    def _say(self, ask, *args):
        """The answer as text, or the words of the refusal."""
        try:
            with self.env.cr.savepoint(), mute_logger(*QUIET):
                return str(ask(*args))
        except Exception as error:  # Odoo's forms refuse in many ways; none may name it
            return str(error)

    def _iterate_foreign(self):
        for model in self._iterate_models():
            for reader in self.readers:
                if record := self._find_unreadable(model, reader):
                    if secrets := self._list_secrets(record):
                        yield record, reader, secrets

    def _is_turn_of(self, reader, record, way):
        """Check whether this reader tries a way to name records of this model."""
        return reader in some_of(self.readers, f"{record._name} {way}")

    def _assert_unsaid(self, secrets, said, unsaid=""):
        for text in secrets:
            self.assertFalse(text in said and text not in unsaid, text)

    def test_forms_of_odoo_say_nothing_of_a_foreign_record(self):
        references, tried = self._list_references(), set()
        for record, reader, secrets in self._iterate_foreign():
            for reference in references:
                model = reference[0].with_user(reader)
                way = f"{model._name}.{reference[2]}"
                if not self._is_turn_of(reader, record, way):
                    continue
                given = self._refer(reference, record._name, record.id)
                none = self._refer(reference, record._name, NOBODY)
                with self.subTest(record=record, reader=reader.login, by=reference):
                    said = self._say(self._fill_in, model, given)
                    if any(text in said for text in secrets):
                        # Words of the form itself are no secret.
                        self._assert_unsaid(
                            secrets, said, self._say(self._fill_in, model, none)
                        )
                tried.add(model._name)
        known = {"mail.activity", "mail.message", "rating.rating", "ir.attachment"}
        self.assertLessEqual(known | {"mail.followers", "ir.model.data"}, tried)

    def _make_rows(self, references, record):
        """Rows of Odoo about the record; none where it can have no such row."""
        rows = []
        for reference in references:
            try:
                with self.env.cr.savepoint(), mute_logger(*QUIET):
                    rows.append(self._make_row(reference, record))
            except Exception:  # such as followers of what has no chatter
                continue
        return rows

    def _make_row(self, reference, record):
        model = reference[0]
        values = self._refer(reference, record._name, record.id)
        for field in model._fields.values():
            is_given = field.name in values or field.default or field.compute
            if field.store and field.required and not is_given:
                values[field.name] = self._make_value(field, record)
        row = model.create(values)
        row.flush_recordset()
        return row

    def _make_value(self, field, record):
        if field.type == "many2one":
            return self.env[field.comodel_name].search([], limit=1).id
        if field.type == "selection":
            return field.get_values(self.env)[0]
        days = {"date": fields.Date.today(), "datetime": fields.Datetime.now()}
        return days.get(field.type, f"{record._table}_{record.id}")

    def _read_row(self, row, ask, name):
        types = (*TEXTS, "reference")
        names = [field.name for field in row._fields.values() if field.type in types]
        domain = [("id", "=", row.id)]
        if ask == "name_search":
            return row.name_search(name, domain)
        found = row.read(names) if ask == "read" else row.search_read(domain, names)
        return [[*values.values()] for values in found]

    def test_rows_of_odoo_say_nothing_of_a_foreign_record(self):
        references = [
            reference
            for reference in self._list_references()
            if reference[0]._auto and not reference[0]._transient and reference[1]
        ]
        made = {}
        for record, reader, secrets in self._iterate_foreign():
            if record not in made:
                made[record] = self._make_rows(references, record)
            for row in made[record]:
                if not self._is_turn_of(reader, record, row._name):
                    continue
                own = row.with_user(reader)
                for ask in ("read", "search_read", "name_search"):
                    with self.subTest(
                        record=record, reader=reader.login, by=(row, ask)
                    ):
                        said = self._say(self._read_row, own, ask, record.display_name)
                        if ask == "name_search":
                            self.assertNotIn(f"({row.id},", said)
                        self._assert_unsaid(secrets, said)
        known = {"mail.activity", "mail.message", "rating.rating", "ir.attachment"}
        tried = {row._name for rows in made.values() for row in rows}
        self.assertLessEqual(known | {"mail.followers", "ir.model.data"}, tried)

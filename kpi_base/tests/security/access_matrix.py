from copy import deepcopy

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from ...rights import KEY
from ..common import is_in_sample, some_of
from .access_oracle import OUTSIDERS, PERSONAS

OPERATIONS = ("read", "write", "unlink")  # of records that there are


class AccessMatrixMixin:
    """Every person × model × operation, against tables that an addon made by hand.

    Rights are asked for every record. The operation itself is carried out where checks
    of the model itself refuse; else, for a third of the pairs of a person and a model,
    for one record that is allowed and one that is refused, chosen by a hash. A record
    is created like a third of those that there are. With ``setup/test --long`` all of
    this is done for all records.

    Goes with ``AccessMixin``, whose ``_make_records`` makes a record of each key.

    :cvar addon: whose models these are
    :cvar oracle: model → operation → person → keys of the records it is allowed for
    :cvar dialogs: transient model → people who may open it
    :cvar new_values: model → a change that is right in itself: only the person may be
        wrong
    """

    addon = ""
    oracle = {}
    dialogs = {}
    new_values = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._passed = {}  # asked once for all tests, which change none of the records

    def setUp(self):
        super().setUp()
        # What is refused is refused in any words; Odoo's take longer than to refuse.
        self.patch(
            self.registry["ir.rule"],
            "_make_access_error",
            lambda *_arguments: AccessError("refused"),
        )
        # Looked up once, as requests do that read; a change may change them.
        self._rights = {}

    def test_every_model_stands_in_the_table(self):
        ours = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == self.addon and not model._abstract
        }
        dialogs = {name for name in ours if self.env[name]._transient}
        # Rows of models from below are there where this addon adds rules to them.
        self.assertLessEqual(ours - dialogs, set(self.oracle))
        self.assertLessEqual(set(self.oracle), set(self.records))
        self.assertEqual(dialogs, set(self.dialogs))

    def test_dialogs(self):
        for model, allowed in self.dialogs.items():
            for persona in PERSONAS:
                own = self.as_user(persona, model)
                for operation in ("read", "write", "create"):
                    with self.subTest(persona=persona, model=model, op=operation):
                        done = own.has_access(operation)
                        self.assertEqual(done, persona in allowed)

    def _cells(self, operation, is_anew=False):
        """(person, model, keys allowed, records by key) of the entire table.

        :param is_anew: whether each cell is a request of its own, that finds nothing in
            the cache; otherwise what a person does is one request
        """
        for persona in PERSONAS:
            for number, (model, table) in enumerate(self.oracle.items()):
                if is_anew or not number:
                    self.as_user(persona, model)
                if operation == "read":
                    self.env.cr.cache[KEY] = self._rights
                own = self.env[model].with_user(self.users[persona])
                records = self.records[model]
                yield persona, own, table[operation][persona] & set(records), records

    def test_rights(self):
        """Every cell of the table, by what Odoo asks before each operation."""
        for operation in OPERATIONS:
            for persona, own, allowed, records in self._cells(operation):
                with self.subTest(persona=persona, model=own._name, op=operation):
                    passed = self._find_passed(own, operation, records)
                    if operation == "read":
                        self.assertEqual(passed, allowed)
                    else:  # checks of the model may refuse more: all are tried
                        self.assertLessEqual(allowed, passed)

    def test_who_has_no_group_has_no_right(self):
        """Where rules hide every record of the test, a right is not seen by it."""
        for operation in (*OPERATIONS, "create"):
            for persona, own, allowed, _records in self._cells(operation):
                if persona in OUTSIDERS and not allowed:
                    with self.subTest(persona=persona, model=own._name, op=operation):
                        self.assertFalse(own.has_access(operation))

    def _find_passed(self, own, operation, records):
        """Keys of the records that Odoo's rights and rules allow."""
        cell = own.env.uid, own._name, operation
        if cell not in self._passed:
            self._passed[cell] = self._ask_rights(own, operation, records)
        return self._passed[cell]

    def _ask_rights(self, own, operation, records):
        if not own.has_access(operation):
            return set()

        rows = own.browse([record.id for record in records.values()])
        self.env.cr.cache[KEY] = self._rights
        passed = set(rows._filtered_access(operation).ids)
        if operation != "read":  # which changes nothing
            del self.env.cr.cache[KEY]
        return {key for key, record in records.items() if record.id in passed}

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_read(self):
        for persona, own, allowed, records in self._cells("read", is_anew=True):
            with self.subTest(persona=persona, model=own._name):
                tried = self._tried(own, "read", allowed, records)
                # All fields, computed ones too, of what is allowed, in one go …
                own.browse([tried[key].id for key in tried if key in allowed]).read()
                for key in tried.keys() - allowed:  # … and not a single other row
                    row = own.browse(tried[key].id)
                    self.assertTrue(_is_refused(AccessError, row.read))

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_find(self):
        for persona, own, allowed, records in self._cells("read"):
            domain = [("id", "in", [record.id for record in records.values()])]
            expected = sorted(records[key].id for key in allowed)
            for way in some_of([*WAYS], f"{persona} {own._name}", len(WAYS)):
                with self.subTest(persona=persona, model=own._name, way=way):
                    self._assert_found(own, WAYS[way], domain, expected)

    def _assert_found(self, own, find, domain, expected):
        if not own.has_access("read"):
            self.assertFalse(expected)
            self.assertTrue(_is_refused(AccessError, find, own, domain))
            return

        found = find(own, domain)
        if isinstance(found, int):
            self.assertEqual(found, len(expected))
        else:
            self.assertEqual(sorted(found), expected)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_export(self):
        for persona, own, allowed, records in self._cells("read"):
            tried = self._tried(own, "read", allowed, records)
            mine = own.browse([tried[key].id for key in tried if key in allowed])
            others = [own.browse(tried[key].id) for key in tried.keys() - allowed]
            for rows in [mine, *others] if mine else others:
                with self.subTest(persona=persona, model=own._name, rows=rows):
                    asked = [".id", "display_name"]
                    refused = _is_refused(UserError, rows.export_data, asked)
                    self.assertEqual(refused, rows != mine)

    def test_write(self):
        self._test_change(
            "write", lambda record: record.write(self.new_values[record._name])
        )

    def test_unlink(self):
        self._test_change("unlink", lambda record: self._deletable(record).unlink())

    def _deletable(self, record):
        """Record that is deleted instead of ``record``, with the same rights."""
        return record

    def _test_change(self, operation, change):
        for persona, own, allowed, records in self._cells(operation):
            tried = self._tried(own, operation, allowed, records)
            for key, record in tried.items():
                with self.subTest(persona=persona, model=own._name, key=key):
                    row = own.browse(record.id)
                    done = self.is_done(lambda row=row: change(row))
                    self.assertEqual(done, key in allowed)

    def _tried(self, own, operation, allowed, records):
        """Key → record for which the operation is carried out.

        In the default run, for a third of the pairs of a person and a model, one of
        those that are allowed and one of those that the rules refuse; always all that
        only a check of the model itself refuses.
        """
        passed = self._find_passed(own, operation, records)
        own_checks = [key for key in records if key in passed - allowed]
        done = [key for key in records if key in allowed]
        refused = [key for key in records if key not in passed | allowed]

        name = f"{own.env.user.login} {own._name}"
        tried = {*own_checks}
        if is_in_sample(f"{operation} {name}"):
            tried.update(some_of(done, name, share=len(done)))
            tried.update(some_of(refused, name, share=len(refused)))
        return {key: record for key, record in records.items() if key in tried}

    def test_create(self):
        values_of = {}
        for persona, own, allowed, records in self._cells("create"):
            model = own._name
            name = f"create {own.env.user.login} {model}"
            tried = some_of(self._list_created(own, allowed, [*records]), name)
            if not own.has_access("create"):
                self.assertFalse(allowed, f"{persona}: {model}")
                tried = tried[:1]
            for key in tried:
                if (model, key) not in values_of:
                    values_of[model, key] = self._values_like(model, records[key])
                values = deepcopy(values_of[model, key])
                with self.subTest(persona=persona, model=model, key=key):
                    done = self.is_done(
                        lambda own=own, values=values: own.create(values)
                    )
                    self.assertEqual(done, key in allowed)

    def _list_created(self, own, allowed, keys):
        """Keys of the records like which a person tries to create one: all of them."""
        return keys

    def _values_of_another(self):
        """Model → what a second record beside the first has to have otherwise."""
        return {}

    def _values_like(self, model, record):
        """Values of a new record that belongs where ``record`` does."""
        (values,) = record.with_context(active_test=False).copy_data()
        return {**values, **self._values_of_another().get(model, {})}


def _is_refused(error, read, *arguments):
    """Whether it raises ``error``; no savepoint, which forgets what was looked up."""
    try:
        read(*arguments)
    except error:
        return True
    return False


def _ids(rows):
    return [row["id"] for row in rows]


def _ids_in_groups(groups):
    return [record_id for group in groups for record_id in group]


WAYS = {
    "search": lambda own, domain: own.search(domain).ids,
    "search_count": lambda own, domain: own.search_count(domain),
    "search_read": lambda own, domain: _ids(own.search_read(domain, ["id"])),
    "web_search_read": lambda own, domain: _ids(
        own.web_search_read(domain, {"display_name": {}})["records"]
    ),
    "name_search": lambda own, domain: [
        record_id for record_id, _name in own.name_search("", domain, limit=None)
    ],
    "read_group": lambda own, domain: own._read_group(domain, [], ["__count"])[0][0],
    "grouped ids": lambda own, domain: _ids_in_groups(
        ids for _id, ids in own._read_group(domain, ["id"], ["id:array_agg"])
    ),
    "formatted_read_group": lambda own, domain: sum(
        group["__count"]
        for group in own.formatted_read_group(domain, ["id"], ["__count"])
    ),
    "web_read_group": lambda own, domain: sum(
        group["__count"]
        for group in own.web_read_group(domain, ["id"], ["__count"])["groups"]
    ),
    "grouping sets": lambda own, domain: own._read_grouping_sets(
        domain, [[]], ["__count"]
    )[0][0][0],
}

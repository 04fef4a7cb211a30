from copy import deepcopy

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from ...rights import KEY
from ..common import LONG
from .access_oracle import PERSONAS


class AccessMatrixMixin:
    """Every person × model × operation, against tables that an addon made by hand.

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
    _turn = 0

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

    def _cells(self, operation):
        """(person, model, keys allowed, records by key) of the entire table."""
        for model, table in self.oracle.items():
            records = self.records[model]
            for persona in PERSONAS:
                yield persona, model, table[operation][persona] & set(records), records

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_read(self):
        for persona, model, allowed, records in self._cells("read"):
            own = self.as_user(persona, model)
            with self.subTest(persona=persona, model=model):
                # All fields, computed ones too, of what is allowed, in one go …
                own.browse([records[key].id for key in allowed]).read()
                for key, record in self._tried(own, "read", allowed, records):
                    if key not in allowed:  # … and not a single other row
                        self.assertTrue(
                            _is_refused(AccessError, own.browse(record.id).read)
                        )

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_find(self):
        self.env.cr.cache[KEY] = self._rights
        for number, cell in enumerate(self._cells("read")):
            persona, model, allowed, records = cell
            own = self.as_user(persona, model)
            domain = [("id", "in", [record.id for record in records.values()])]
            expected = sorted(records[key].id for key in allowed)
            for way, find in _choose_ways(number):
                with self.subTest(persona=persona, model=model, way=way):
                    if not own.has_access("read"):
                        self.assertFalse(expected)
                        self.assertTrue(_is_refused(AccessError, find, own, domain))
                        continue
                    found = find(own, domain)
                    if isinstance(found, int):
                        self.assertEqual(found, len(expected))
                    else:
                        self.assertEqual(sorted(found), expected)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_export(self):
        for persona, model, allowed, records in self._cells("read"):
            own = self.as_user(persona, model)
            tried = [
                own.browse(record.id)
                for key, record in self._tried(own, "read", allowed, records)
                if key not in allowed
            ]
            mine = own.browse([records[key].id for key in allowed])
            for rows in [mine, *tried] if mine else tried:
                with self.subTest(persona=persona, model=model, rows=rows):
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
        for persona, model, allowed, records in self._cells(operation):
            own = self.as_user(persona, model)
            for key, record in self._tried(own, operation, allowed, records):
                with self.subTest(persona=persona, model=model, key=key):
                    row = own.browse(record.id)
                    done = self.is_done(lambda row=row: change(row))
                    self.assertEqual(done, key in allowed)

    def _tried(self, own, operation, allowed, records):
        """(key, record) of all records; of those that the rules of Odoo refuse only one
        by turns, and of those of a model that is refused altogether the first.
        """
        cell = f"{own.env.user.name}: {own._name}, {operation}"
        if not own.has_access(operation):
            self.assertFalse(allowed, cell)
            return list(records.items())[:1]
        if LONG or operation == "create":  # where rules look at what was made
            return list(records.items())
        rows = own.browse([record.id for record in records.values()])
        self.env.cr.cache[KEY] = self._rights
        passed = set(rows._filtered_access(operation).ids)
        if operation != "read":  # which changes nothing
            del self.env.cr.cache[KEY]
        refused = [key for key, record in records.items() if record.id not in passed]
        self.assertFalse(allowed.intersection(refused), cell)
        self._turn += 1
        left_out = {key for key in refused if key != refused[self._turn % len(refused)]}
        return [(key, each) for key, each in records.items() if key not in left_out]

    def test_create(self):
        values_of = {}
        for persona, model, allowed, records in self._cells("create"):
            own = self.as_user(persona, model)
            for key, record in self._tried(own, "create", allowed, records):
                if (model, key) not in values_of:
                    values_of[model, key] = self._values_like(model, record)
                values = deepcopy(values_of[model, key])
                with self.subTest(persona=persona, model=model, key=key):
                    done = self.is_done(
                        lambda own=own, values=values: own.create(values)
                    )
                    self.assertEqual(done, key in allowed)

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


def _choose_ways(number):
    """Search and another way, by turns; all of them with ``setup/test --long``.

    :param number: of the person and model that it is for
    """
    first, *others = WAYS.items()
    if LONG:
        return [first, *others]
    # Neither a person nor a model meets the same way each time.
    return [first, others[(number + number // len(PERSONAS)) % len(others)]]


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

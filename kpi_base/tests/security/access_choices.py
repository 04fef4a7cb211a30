import random
import re
from contextlib import suppress
from datetime import datetime

from psycopg2 import Error

from odoo import Command
from odoo.exceptions import UserError
from odoo.models import MAGIC_COLUMNS
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ..common import is_in_sample, some_of

# differ between two records made alike
OF_EACH = {*MAGIC_COLUMNS, "display_name"}
ODD_SHARE = 4  # one in so many of these is tried for a list
# no lists of commands, as forms send them
ODD_LISTS = (
    "abc",
    5,
    {"id": 5},
    [5],
    [None],
    [[5]],
    [[Command.UPDATE, 1, {"id": 1}]],
    [[Command.LINK, "x"]],
    [[Command.CREATE, 0, {}]],  # with nothing that is required
    [[Command.SET, 0, 5]],
    [[Command.CLEAR], 5],
)


class AccessChoicesMixin:
    """Nothing is seen of a record by choosing it that its reader may not see.

    Related fields are read as superuser: whoever could point at any record would read
    all that is related. Each many2one and list of each model and of its lines is tried
    as the least of users, by the ways that take ids: a third of them for each, all with
    ``setup/test --long``. Goes with ``AccessMixin``.

    :cvar addon: whose models these are
    """

    addon = ""

    def test_nothing_is_seen_by_choosing(self):
        self.env.flush_all()
        self.env.invalidate_all()
        seen = []
        with freeze_time(datetime.now()):
            for model in self.env.registry:
                own = self.env[model].with_user(self.users["user"])
                if own._original_module != self.addon or own._abstract:
                    continue
                if not own.has_access("create"):
                    continue
                for field, record in self._find_hidden(own):
                    ways = [*self._choose(own, field, record)]
                    for way, look, look_at_nothing in some_of(ways, str(field)):
                        answer = self._answer(look)
                        if answer and answer != self._answer(look_at_nothing):
                            seen.append((str(field), way, record, answer))
        self.assertFalse(seen, "shown by choosing it")

    def test_dialogs_know_nothing_of_what_is_hidden(self):
        """Opened on what its user may not see, a dialog is as opened on nothing.

        In the default run it is opened on a third of what addons below bring.
        """
        user = self.users["user"]
        hidden = self._find_hidden_rows(user)
        seen = []
        with freeze_time(datetime.now()):
            for name in self.env.registry:
                own = self.env[name].with_user(user)
                is_ours = own._original_module == self.addon and own._transient
                if not is_ours or not own.has_access("create"):
                    continue
                spec = dict.fromkeys(own._fields.keys() - OF_EACH, {})
                with suppress(UserError):
                    own.onchange({}, [], spec)
                nothing = self._open(own, spec)
                for rows in hidden:
                    is_own = rows._original_module == self.addon
                    if not is_own and not is_in_sample(f"{name} {rows._name}"):
                        continue
                    ids = {"active_id": rows[0].id, "active_ids": rows.ids}
                    here = own.with_context(active_model=rows._name, **ids)
                    shown = set(self._open(here, spec)) - {"", *nothing}
                    if shown:
                        seen.append((name, rows[0], shown))
        self.assertFalse(seen, "shown by opening it there")

    def _find_hidden_rows(self, user):
        """What the user may not read, of each model that has records of the test."""
        found = []
        for name in self.records:
            rows = self.env[name].search([], limit=200).with_user(user)
            if hidden := rows - rows._filtered_access("read"):
                found.append(hidden)
        return found

    def _list_own_models(self):
        """As the administrator, who may open all of them."""
        admin = self.env.ref("base.user_admin")
        for name in self.env.registry:
            own = self.env[name].with_user(admin)
            if own._original_module == self.addon and not own._abstract:
                yield own

    def test_choices_of_another_shape_are_refused_in_words(self):
        raw = []
        for own in self._list_own_models():
            for name, field in own._fields.items():
                if not (field.type.endswith("2many") or field.type == "many2one"):
                    continue
                odds = some_of(ODD_LISTS, str(field), ODD_SHARE)
                for odd in [{"a": 1}] if field.type == "many2one" else odds:
                    try:
                        with self.env.cr.savepoint():
                            own.onchange({name: odd}, [name], {name: {"fields": {}}})
                    except UserError:
                        continue
                    except Exception as error:  # anything is a finding
                        raw.append((str(field), odd, error))
        self.assertFalse(raw, "told as Python says it")

    def test_new_records_are_named_in_words(self):
        named = []
        for own in self._list_own_models():
            if not own._transient:
                continue
            with self.env.cr.savepoint(), suppress(UserError):
                value = own.onchange({}, [], {"display_name": {}})["value"]
                if own._name in (value.get("display_name") or ""):
                    named.append(value["display_name"])
        self.assertFalse(named)

    def _open(self, dialog, spec):
        return [
            self._answer(lambda: dialog.onchange({}, [], spec)),
            self._answer(lambda: dialog.create({}).read([*spec])[0] | {"id": 0}),
        ]

    def _find_hidden(self, own):
        """(field, record): for each field one that the user may not see."""
        for field in own._fields.values():
            self.assertNotEqual(field.type, "reference", "is not checked by anybody")
            if field.type == "many2one_reference":
                model = "res.company"
            elif field.relational:
                model = field.comodel_name
            else:
                continue
            every = self.env[model].sudo().with_context(active_test=False)
            records = every.search([], order="id desc", limit=200)
            mine = records.with_env(own.env).sudo(False)
            if hidden := mine - mine._filtered_access("read"):
                yield field, hidden[:1]

    def _choose(self, own, field, record):
        """(name, call, call that chooses nothing) of all ways to choose a record."""
        name = field.name
        spec = {each: {} for each in own._fields if each != "id"}
        lines = own.env[field.comodel_name] if field.relational else own
        commands = [(Command.LINK, record.id), (Command.SET, 0, record.ids)]
        commands += [(Command.UPDATE, record.id, {}), record.id]
        if not field.relational:
            ways = [{field.model_field: record._name, name: record.id}]
        elif field.type == "many2one":
            ways = [{name: each} for each in (record.id, str(record.id))]
            ways += [{name: {"id": one}} for one in (record.id, [record.id])]
        else:
            ways = [{name: [command]} for command in commands]
        nothing = dict.fromkeys(range(len(ways)), {})
        if field.type == "one2many" and lines._name.startswith("kpi."):
            if lines.has_access("create"):
                line_spec = {each: {} for each in lines._fields if each != "id"}
                spec[name] = {"fields": line_spec}
                for line_field, other in self._find_hidden(lines):
                    if line_field.type == "many2one":
                        nothing[len(ways)] = {name: [(0, "v", {})]}
                        ways.append({name: [(0, "v", {line_field.name: other.id})]})
        for number, values in enumerate(ways):
            for names in [[], list(values)]:
                yield (
                    f"onchange {number} of {names}",
                    lambda v=values, n=names: own.onchange(dict(v), n, spec),
                    lambda v=nothing[number], n=names: own.onchange(
                        dict(v), n if v else [], spec
                    ),
                )
            yield (
                f"create {number}",
                lambda v=values: _find_taken(own.create(dict(v)), record, name),
                bool,
            )
            if hasattr(own, "preview_approvers"):
                yield (
                    f"preview_approvers {number}",
                    lambda v=values: own.preview_approvers(dict(v)),
                    # what is computed in a line is computed again instead
                    lambda v=nothing[number]: v and own.preview_approvers(dict(v)),
                )
        values = ways[0]
        others = [each for each in spec if each not in values]
        # the model alone, where a record is named by model and id, is no secret
        context = {f"default_{key}": each for key, each in values.items()}
        default = own.with_context(**context)
        del context[f"default_{name}"]
        plain = own.with_context(**context)
        yield (
            "default_get",
            lambda: default.default_get([name]),
            lambda: plain.default_get([name]),
        )
        yield (
            "default_get of others",
            lambda: default.default_get(others),
            lambda: plain.default_get(others),
        )
        yield (
            "default in a form",
            lambda: default.onchange({}, [], spec),
            lambda: plain.onchange({}, [], spec),
        )
        yield (
            "name_create",
            lambda: _find_taken(
                own.browse(default.name_create("New")[0]), record, name
            ),
            bool,
        )

    def _answer(self, look):
        """What is told; nothing where it is refused."""
        savepoint = self.env.cr.savepoint()
        random.seed(1)  # some defaults are drawn
        try:
            with mute_logger("odoo.addons.base.models.ir_rule", "odoo.sql_db"):
                answer = look()
                self.env.flush_all()
                # what has no name is called by its place in memory
                answer = re.sub(r"NewId_\w+", "", repr(answer or ""))
                return "" if answer in ("''", "{'value': {}}") else answer
        except (UserError, ValueError, TypeError, Error):
            return ""
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)


def _find_taken(made, record, name):
    """Whether what was made holds the record."""
    taken = made.sudo().read([name], load=False)[0][name]
    return record.id in (taken if isinstance(taken, list) else [taken])

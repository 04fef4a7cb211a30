import re
from threading import current_thread

from lxml import etree

from odoo import models
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.common import is_in_sample, some_of

LOGINS = "admin demo.officer demo.manager demo.employee demo.deals demo.agent".split()
QUIET = ("odoo.sql_db", "odoo.models", "odoo.addons.base.models.ir_rule")
MOST_RECORDS = 30  # of a model
STEP = 8  # of those that can be copied one in so many is
OFF = ("0", "False", "false")
LOGS = {"create_uid", "create_date", "write_uid", "write_date", "display_name", "id"}

# What lists change for several records at once: who answers for them, how they are
# sorted, and whether they are in use.
COMMON = {
    "kpi.definition": {"owner_id", "category_id", "tag_ids", "active"},
    "kpi.report": {"owner_id", "active"},
    "kpi.smart.alert": {"owner_id", "active"},
    "kpi.benefit.realization": {"owner_id", "active"},
    "kpi.deal": {"agent_id", "tag_ids", "active"},
    "kpi.tat.request": {"department_id"},
    "kpi.initiative": {"owner_id", "department_id"},
}

# Names that officers give, which people read in their own languages.
TRANSLATED = {
    "kpi.alert.channel",
    "kpi.alert.rota",
    "kpi.commission.plan",
    "kpi.dashboard",
    "kpi.deal.tag",
    "kpi.definition",
    "kpi.definition.category",
    "kpi.gauge.widget",
    "kpi.lesson.tag",
    "kpi.period.report",
    "kpi.report.group",
    "kpi.smart.alert",
    "kpi.tag",
    "kpi.tracking.rule",
}


class ToolsCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        current_thread().dbname = cls.env.cr.dbname

    def _enter(self, login):
        user = self.env["res.users"].search([("login", "=", login)])
        context = {"allowed_company_ids": user.company_ids.ids, "lang": "en_US"}
        return self.env(user=user, context=context)

    def _iterate_models(self, env):
        for name in sorted(env.registry):
            model = env[name]
            if name.startswith("kpi.") and not (model._abstract or model._transient):
                if model.has_access("create") and model.has_access("write"):
                    yield model


@tagged("post_install", "-at_install")
class TestDemoExport(ToolsCase):
    """What Odoo exported comes back unchanged, and nothing is refused or changes.

    By default a third of the models is tried.
    """

    def test_an_export_that_nobody_changed_is_imported_again(self):
        env = self._enter("admin")
        for model in self._iterate_models(env):
            records = model.search([], limit=MOST_RECORDS)
            if records and is_in_sample(model._name):
                savepoint = self.env.cr.savepoint()
                try:
                    with self.subTest(model=model._name), mute_logger(*QUIET):
                        self._import_again(records)
                finally:
                    self.env.invalidate_all(flush=False)
                    savepoint.close(rollback=True)

    def _import_again(self, records):
        columns = ["id", *_list_columns(records)]
        rows = self._export(records, columns)
        changed = records.mapped("write_date") if "write_date" in records else None
        answer = records.with_context(import_file=True).load(columns, rows)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(answer["messages"])
        self.assertEqual(self._export(records, columns), rows)
        if changed is not None:
            self.assertEqual(records.mapped("write_date"), changed)

    def _export(self, records, columns):
        rows = records.with_context(import_compat=True).export_data(columns)["datas"]
        return [[_write(cell) for cell in row] for row in rows]


def _list_columns(model, is_line=False):
    """What the dialog of an export that can be imported again offers."""
    for name, field in model.fields_get().items():
        is_offered = field.get("exportable", True) and not field.get("readonly")
        if name in LOGS or not is_offered:
            continue
        if field["type"] in ("many2one", "many2many"):
            yield f"{name}/id"
        elif field["type"] != "one2many":
            yield name
        elif not is_line:
            lines = model.env[field["relation"]]
            if lines._name.startswith("kpi.") and lines.has_access("read"):
                yield f"{name}/id"
                columns = _list_columns(lines, is_line=True)
                back = f"{field.get('relation_field')}/id"
                yield from (f"{name}/{each}" for each in columns if each != back)


def _write(cell):
    if isinstance(cell, bytes):
        return cell.decode()
    return "" if cell is False else str(cell)


@tagged("post_install", "-at_install")
class TestDemoDuplicate(ToolsCase):
    """*Duplicate* is offered where it makes another record that can be used.

    By default each person tries it on a third of the models.
    """

    def test_what_is_offered_works(self):
        for login in LOGINS:
            env = self._enter(login)
            for model in self._iterate_models(env):
                is_tried = is_in_sample(f"{login} {model._name}")
                if is_tried and self._is_offered(model):
                    records = model.search([], limit=MOST_RECORDS)
                    mine = records._filtered_access("write")
                    for record in some_of(mine, model._name, STEP):
                        self._duplicate(record)

    def test_what_there_is_none_of_yet_can_be_there_twice(self):
        env = self._enter("admin")
        for model in self._iterate_models(env):
            if self._is_offered(model) and not model.search_count([]):
                with self.subTest(model=model._name):
                    self.assertFalse([*_list_unique_copied(model)])

    def _is_offered(self, model):
        domain = [("model", "=", model._name), ("mode", "=", "primary")]
        domain += [("type", "in", ("form", "list"))]
        # Which views there are is no secret.
        for view in model.env["ir.ui.view"].sudo().search(domain):
            arch = etree.fromstring(model.get_view(view.id, view.type)["arch"])
            offers = [arch.get(name, "1") for name in ("create", "duplicate")]
            if not set(offers) & set(OFF):
                return True
        return False

    def _duplicate(self, record):
        savepoint = self.env.cr.savepoint()
        uid = record.env.uid
        try:
            with self.subTest(record=record, user=uid), mute_logger(*QUIET):
                twin = record.copy()
                self.env.flush_all()
                self.assertTrue(twin.display_name)
                if title := record._get_title_name():
                    self.assertIn("(copy", twin[title])
                record.copy()  # once more
                self.env.flush_all()
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)


def _list_unique_copied(model):
    """Unique indexes all of whose columns a copy has from its original."""
    for rule in model._table_objects.values():
        if isinstance(rule, models.UniqueIndex):
            words = re.findall(r"\w+", rule.get_definition(model.pool))
            columns = {word for word in words if word in model._fields}
            copied = {name for name in columns if model._fields[name].copy}
            if columns == copied and "name" not in columns:
                yield rule.name


@tagged("post_install", "-at_install")
class TestDemoSeveral(ToolsCase):
    """What many records share is changed for several at once, by those who may."""

    def test_lists_offer_what_several_share(self):
        for name, shared in COMMON.items():
            with self.subTest(model=name):
                arch = etree.fromstring(self.env[name].get_view(False, "list")["arch"])
                self.assertEqual(arch.get("multi_edit"), "1")
                editable = {
                    node.get("name")
                    for node in arch.iterchildren("field")
                    if node.get("readonly") not in ("1", "True")
                }
                self.assertLessEqual(shared, editable)

    def test_people_change_several_of_their_own_only(self):
        archive = {"active": False}
        for name in COMMON.keys() - {"kpi.tat.request", "kpi.initiative"}:
            everything = self._enter("demo.officer")[name].search([], limit=3)
            values = [archive] * len(everything)
            theirs = everything.with_user(self._enter("demo.employee").user)
            with self.subTest(model=name):
                self.assertTrue(everything)
                with mute_logger(*QUIET), self.assertRaises(AccessError):
                    call_kw(theirs, "web_save_multi", [theirs.ids, values, {}], {})


@tagged("post_install", "-at_install")
class TestDemoTranslations(ToolsCase):
    """Names are read in each language, but for columns of the public tables."""

    def test_names_that_officers_give_are_translated(self):
        self.env["res.lang"]._activate_lang("de_DE")
        for name in sorted(TRANSLATED):
            with self.subTest(model=name):
                self.assertTrue(self.env[name]._fields["name"].translate)
        rule = self.env["kpi.smart.alert"].search([], limit=1)
        english = rule.name
        rule.with_context(lang="de_DE").name = "Zu wenig"
        self.assertEqual(rule.with_context(lang="en_US").name, english)
        self.assertEqual(rule.with_context(lang="de_DE").name, "Zu wenig")

    def test_columns_of_the_public_tables_are_texts(self):
        for name, model in self.env.items():
            if name.startswith("kpi.") and not model._table.startswith("kpi_"):
                with self.subTest(model=name):
                    fields = model._fields.values()
                    stored = [each for each in fields if each.store]
                    self.assertFalse([each for each in stored if each.translate])

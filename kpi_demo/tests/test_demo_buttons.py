import ast
from collections import defaultdict
from itertools import islice
from threading import current_thread

from lxml import etree

from odoo import fields
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from odoo.addons.kpi_base.tests.common import LONG, is_in_sample

LOGINS = "admin demo.officer demo.manager demo.employee demo.deals demo.agent".split()
QUIET = ("odoo.sql_db", "odoo.models", "odoo.addons.base.models.ir_rule")
MOST_RECORDS = 40  # of a model, among which those that show a button are looked for
MOST_PRESSED = 3
MOST_COUNTS = 4
MOST_DIALOGS = 2  # each opened by a button of the one before
# Buttons that refuse in a sentence on all records of the demo company, and why they do.
REFUSING = {
    "kpi.approval.decision.action_decide": "steps are to be chosen",
    "kpi.benefit.assumption.check.action_confirm": "a day to come is to be entered",
    "kpi.commission.adjust.action_adjust": "an amount is to be entered",
    "kpi.commission.statement.action_issue": "each is issued already",
    "kpi.commission.statement.action_pay": "of none is anything to be paid",
    "kpi.handover.action_hand_over": "a successor is to be chosen",
    "kpi.review.publication.action_publish": "each is a draft or published already",
    "kpi.submission.reason.action_decide": "a reason is to be entered",
    "kpi.target.proposal.action_propose": "a change is to be entered",
    "kpi.value.leakage.action_accept": "a reason is to be entered",
    "kpi.value.leakage.action_mitigate": "a plan is to be entered",
}


@tagged("post_install", "-at_install")
class TestDemoButtons(TransactionCase):
    """Each button that somebody sees does something, as the web client presses it.

    What it opens is read, and the buttons of a dialog are pressed, too. What no record
    shows is pressed nevertheless: it may refuse, in a sentence. By default a third of
    the buttons is tried, on several records until it has worked, then on one by each
    further person.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        current_thread().dbname = cls.env.cr.dbname
        cls.pressed, cls.done = set(), set()
        cls.refused = defaultdict(list)

    def test_each_does_what_it_says(self):
        domain = [("model", "=like", "kpi.%"), ("mode", "=", "primary")]
        domain += [("type", "in", ("form", "list", "kanban"))]
        views = defaultdict(list)
        for view in self.env["ir.ui.view"].search(domain):
            views[view.model].append((view.id, view.type))
        for login in LOGINS:
            user = self.env["res.users"].search([("login", "=", login)])
            context = {"allowed_company_ids": user.company_ids.ids, "lang": "en_US"}
            env = self.env(user=user, context=context)
            for name, own_views in views.items():
                model = env[name]
                has_records = not model._abstract and not model._transient
                if has_records and model.has_access("read"):
                    records = model.search([], limit=MOST_RECORDS)
                    for view_id, kind in own_views:
                        self._press_all(records, view_id, kind)

        self.assertTrue(self.done)
        for button in self.refused.keys() - self.done - REFUSING.keys():
            with self.subTest(button=button):
                self.fail(self.refused[button])

    def _press_all(self, records, view_id, kind, depth=0):
        """Press the buttons of a view, and those of the lines that it shows."""
        arch = etree.fromstring(records.get_view(view_id, kind)["arch"])
        self._press_in(arch, records, depth)

    def _press_in(self, view, records, depth, parent=None):
        """Press the buttons of a view node: those above a list on several records.

        :param parent: the record that ``records`` are lines of
        """
        for node in view.iter("button", "field"):
            if next(node.iterancestors("field"), None) is not view.getparent():
                continue  # of the view of a field, below
            if node.tag == "field":
                self._press_in_lines(node, records, depth, parent)
                continue
            name = f"{records._name}.{node.get('name')}"
            if node.get("type") != "object" or not is_in_sample(name):
                continue
            if view.tag == "list" and any(True for _ in node.iterancestors("header")):
                if records:
                    self._press(records[:MOST_PRESSED], node, depth)
                if node.get("display") == "always":
                    self._press(records.browse(), node, depth)
                continue
            shown = _find_shown(records, node, parent)
            # cards have conditions of their own, which only a browser knows
            is_known_to_show = view.tag != "kanban" and bool(shown)
            if not shown and name not in self.pressed:
                shown = records
            is_enough = name in self.done and not LONG
            for record in shown[: 1 if is_enough else MOST_PRESSED]:
                self._press(record, node, depth, is_known_to_show, parent)

    def _press_in_lines(self, field, records, depth, parent):
        """Press the buttons of the views that a field has for its lines."""
        subviews = [node for node in field if node.tag in ("list", "form", "kanban")]
        if subviews:
            for record in _find_shown(records, field, parent):
                lines = record[field.get("name")][:MOST_RECORDS]
                for subview in subviews:
                    self._press_in(subview, lines, depth, record)

    def _press(self, records, button, depth, is_known_to_show=True, parent=None):
        method = button.get("name")
        name = f"{records._name}.{method}"
        uid = records.env.uid
        self.pressed.add(name)
        savepoint = self.env.cr.savepoint()
        try:
            with self.subTest(button=name, user=uid, ids=records.ids):
                try:
                    with mute_logger(*QUIET):
                        context = button.get("context") or "{}"
                        context = _evaluate(context, records[:1], parent)
                        context = {**records.env.context, **context}
                        answer = call_kw(
                            records, method, [records.ids], {"context": context}
                        )
                        self.env.flush_all()
                        if isinstance(answer, dict):
                            self._follow(records, answer, depth)
                except UserError as error:
                    if is_known_to_show:
                        self.refused[name].append(f"{uid} {records.ids}: {error}")
                else:
                    self.done.add(name)
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)

    def _follow(self, records, action, depth):
        """Read what an action opens, as the web client does next."""
        if action.get("type") != "ir.actions.act_window":
            return
        context, domain = action.get("context") or {}, action.get("domain") or []
        if isinstance(context, str):
            context = _evaluate(context, records[:1])
        if isinstance(domain, str):
            domain = _evaluate(domain, records[:1])
        model = records.env[action["res_model"]].with_context(**context)
        modes = [(False, mode) for mode in action.get("view_mode", "").split(",")]
        views = model.get_views(action.get("views") or modes)
        shown = {name: {} for name in views["models"][model._name]["fields"]}
        if action.get("res_id"):
            call_kw(model, "web_read", [[action["res_id"]], shown], {})
        elif "form" not in views["views"] or len(views["views"]) > 1:
            call_kw(model, "web_search_read", [domain, shown], {"limit": 3})
        elif model._transient and depth < MOST_DIALOGS:
            view_id = views["views"]["form"]["id"]
            if record := self._fill(model, view_id):
                self._press_all(record, view_id, "form", depth + 1)
        else:
            model.onchange({}, [], shown)

    def _fill(self, model, view_id):
        """Save a dialog with something in each field that has to have a value."""
        form = Form(model, view=view_id)
        for name, field in form._view["fields"].items():
            is_asked = form._get_modifier(name, "required") and not form[name]
            if is_asked and not form._get_modifier(name, "readonly"):
                match field["type"]:
                    case "char" | "text":
                        form[name] = "1"
                    case "date":
                        form[name] = fields.Date.today()
                    case "selection":
                        form[name] = field["selection"][0][0]
                    case _:
                        return None
        return form.save()


@tagged("post_install", "-at_install")
class TestDemoButtonCounts(TransactionCase):
    """A screen has one primary button at most, and statistic buttons are counts."""

    def _read_views(self, kind):
        """Yield the model, the tree and the name of each view, as administrators."""
        admin = self.env["res.users"].search([("login", "=", "admin")])
        env = self.env(
            user=admin, context={"allowed_company_ids": admin.company_ids.ids}
        )
        domain = [("model", "=like", "kpi.%"), ("mode", "=", "primary")]
        for view in self.env["ir.ui.view"].search([*domain, ("type", "=", kind)]):
            model = env[view.model]
            arch = model.get_view(view.id, kind)["arch"]
            yield model, etree.fromstring(arch), view.xml_id

    def test_at_most_one_primary_button_in_each_state(self):
        for model, tree, name in self._read_views("form"):
            buttons = tree.xpath("//button[not(ancestor::field)]")
            primary = [button for button in buttons if _is_primary(button)]
            if len(primary) < 2 or model._transient or not model.has_access("read"):
                continue
            for record in model.search([], limit=MOST_RECORDS):
                shown = [one.get("name") for one in primary if _is_shown(record, one)]
                with self.subTest(view=name, record=record):
                    self.assertLessEqual(len(shown), 1, shown)

    def test_cards_have_no_primary_button(self):
        for _model, tree, name in self._read_views("kanban"):
            nodes = tree.xpath("//templates//*")
            found = [node.get("name") for node in nodes if _is_primary(node)]
            with self.subTest(view=name):
                self.assertFalse(found)

    def test_statistic_buttons_are_four_counts(self):
        for _model, tree, name in self._read_views("form"):
            buttons = tree.xpath("//button[contains(@class, 'oe_stat_button')]")
            others = [
                one.get("name") for one in buttons if one.find(".//field") is None
            ]
            with self.subTest(view=name):
                self.assertLessEqual(len(buttons), MOST_COUNTS)
                self.assertFalse(others)


def _is_primary(node):
    return bool({"btn-primary", "oe_highlight"} & {*node.get("class", "").split()})


def _find_shown(records, node, parent=None):
    """List the first records that a node of a view is shown on."""
    shown = (record for record in records if _is_shown(record, node, parent))
    return [*islice(shown, MOST_PRESSED)]


def _is_shown(record, node, parent=None):
    """Check what hides a node of a view, up to the field of ``parent`` it is in."""
    nodes = [node]
    for ancestor in node.iterancestors():
        if parent and ancestor.tag == "field":
            break
        nodes.append(ancestor)
    return not any(
        _evaluate(condition, record, parent)
        for one in nodes
        for key in ("invisible", "column_invisible")
        if (condition := one.get(key))
    )


def _evaluate(expression, record, parent=None):
    """The value of an expression of a view, with what it names of a record."""
    env = record.env
    known = {"context": dict(env.context), "uid": env.uid, "active_id": record.id}
    known |= {"id": record.id, "parent": parent}
    for node in ast.walk(ast.parse(expression.strip(), mode="eval")):
        field = record._fields.get(getattr(node, "id", None))
        if field and field.name not in known:
            value = record[field.name]
            if field.type == "many2one":
                value = value.id
            elif field.relational:
                value = value.ids
            elif field.type in ("date", "datetime"):
                value = field.to_string(value)
            known[field.name] = value
    return safe_eval(expression.strip(), known)

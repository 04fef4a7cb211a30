import json

from lxml import etree

from odoo.tests import HttpCase, tagged

KINDS = ("form", "kanban", "list")


@tagged("post_install", "-at_install")
class TestKpiWidgets(HttpCase):
    """Widgets of views, as the web client knows them.

    Of one that does not take the type of its field the browser's console warns. Those
    that come with a screen of their own are not known here.
    """

    def test_each_widget_takes_its_field(self):
        used = sorted(set(self._list_widgets()))
        known = ("kpi_tracking.kpi_value_entry_view_form", "many2many_binary")
        self.assertIn(known, _views(used))
        self.browser_js(
            "/odoo/kpis",
            f"""
            const {{ registry }} = odoo.loader.modules.get("@web/core/registry");
            const fields = registry.category("fields");
            const wrong = [];
            for (const one of {json.dumps(used)}) {{
                const [view, kind, jsClass, name, widget, type] = one;
                const places = [`${{jsClass}}.`, `${{kind}}.`, ""];
                const place = places.find((each) => fields.contains(each + widget));
                const types = fields.get(place + widget, {{}}).supportedTypes;
                if (types && !types.includes(type)) {{
                    wrong.push(`${{view}}: ${{widget}} of ${{name}} (${{type}})`);
                }}
            }}
            if (wrong.length) {{
                throw new Error(wrong.join("; "));
            }}
            console.log("test successful");
            """,
            ready="!!document.querySelector('.o_action_manager > *')",
            login="admin",
        )

    def _list_widgets(self):
        """(view, kind of view, class of it, field, widget, type) of our addons."""
        data = self.env["ir.model.data"].search(
            [("model", "=", "ir.ui.view"), ("module", "=like", r"kpi\_%")]
        )
        for found in data:
            view = self.env["ir.ui.view"].browse(found.res_id)
            if view.type not in KINDS:
                continue
            own = {_key(node) for node in etree.fromstring(view.arch).iter("field")}
            arch = view._get_combined_arch()
            for node, *rest in self._walk(arch, self.env[view.model]):
                if _key(node) in own and node.get("widget"):
                    yield (found.complete_name, *rest)

    def _walk(self, view, model):
        """Fields with a widget, also those of views within the view."""
        for node in view.iter("field"):
            if next(node.iterancestors("field", *KINDS)) is not view:
                continue
            field = model._fields.get(node.get("name"))
            if not field:
                continue
            kind, js_class = view.tag, view.get("js_class", "")
            name, widget = node.get("name"), node.get("widget")
            yield node, kind, js_class, name, widget, field.type
            for inner in node.iterchildren(*KINDS):
                yield from self._walk(inner, self.env[field.comodel_name])


def _key(node):
    return node.get("name"), node.get("widget")


def _views(used):
    return {(view, widget) for view, _kind, _class, _name, widget, _type in used}

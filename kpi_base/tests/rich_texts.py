"""Rich texts of people are drawn in their own boxes only."""

import json
from ast import literal_eval

from lxml import etree

from odoo.tools import SQL

from ..fields import RichText
from .common import find_model_of
from .hostile_html import ELSEWHERE, HOSTILE

# What calls others or holds for the whole page is no matter of boxes.
PAINTING = [
    text
    for name, text in HOSTILE.items()
    if "style sheet" != name and ELSEWHERE not in text
]
# Nothing in a text is drawn, or can be clicked, outside of its box.
CHECK_BOXES = """
    const checkBoxes = (inner, isSanitized) => {
        const told = [];
        const box = inner.getBoundingClientRect();
        if (!box.width || !box.height) told.push("nothing is drawn");
        const { contain } = getComputedStyle(inner);
        if (!/content|layout.*paint/.test(contain)) told.push(`contain: ${contain}`);
        const isInside = (left, right, top, bottom) =>
            left > box.left - 1 && right < box.right + 1 &&
            top > box.top - 1 && bottom < box.bottom + 1;
        for (const it of isSanitized ? inner.querySelectorAll("*") : []) {
            const { left, right, top, bottom } = it.getBoundingClientRect();
            if (!isInside(left, right, top, bottom)) {
                told.push(`leaves its box: ${it.outerHTML.slice(0, 300)}`);
            }
        }
        for (let x = 2; x < innerWidth; x += 15) {
            for (let y = 2; y < innerHeight; y += 15) {
                if (isInside(x, x, y, y)) continue;
                const it = document.elementFromPoint(x, y);
                if (it && it !== inner && inner.contains(it)) {
                    told.push(`lies at ${x}, ${y}: ${it.outerHTML.slice(0, 300)}`);
                }
            }
        }
        for (const { name } of performance.getEntriesByType("resource")) {
            if (name.includes("elsewhere.invalid")) told.push(`calls ${name}`);
        }
        return told;
    };
    const findSome = async (css, count) => {
        for (let tries = 0; tries < 300; tries++) {
            const found = [...document.querySelectorAll(css)];
            if (found.length >= count) return found.slice(0, count);
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        throw new Error(`nothing matches ${css}`);
    };
    const find = async (css) => (await findSome(css, 1))[0];
"""


class TextBoxesMixin:
    """For a test of pages that show texts which people format; an ``HttpCase``."""

    def _store(self, record, field, text):
        """Store a text as it is, as before texts were sanitised."""
        self.env.flush_all()
        is_translated = record._fields[field].translate
        stored = json.dumps({"en_US": text}) if is_translated else text
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s = %s WHERE id = %s",
                SQL.identifier(record._table),
                SQL.identifier(field),
                stored,
                record.id,
            )
        )
        record.invalidate_recordset([field])

    def _check_boxes(
        self, path, css, *, login=None, tab=None, is_sanitized=True, count=1
    ):
        """Open a page and look at the boxes of what people wrote there.

        :param css: of the boxes
        :param count: of boxes that are looked at
        :param is_sanitized: whether elements have to be inside; else nothing of them is
            drawn outside
        """
        code = f"""
            {CHECK_BOXES}
            (async () => {{
                const tab = {json.dumps(tab)};
                if (tab) (await find(`.o_notebook .nav-link[name=${{tab}}]`)).click();
                const boxes = await findSome("{css}", {count});
                await new Promise((resolve) => setTimeout(resolve, 300));
                const told = boxes.flatMap((inner) =>
                    checkBoxes(inner, {json.dumps(is_sanitized)})
                );
                if (told.length) throw new Error(told.join("\\n"));
                console.log("test successful");
            }})();
        """
        # its style sheets, too
        ready = "document.readyState === 'complete'"
        self.browser_js(path, code, ready=ready, login=login, timeout=90)


class RichTextsMixin(TextBoxesMixin):
    """For a test of each addon with texts that people format; an ``HttpCase``.

    :cvar addon: whose models and views are looked at
    :cvar not_written: Html fields that people cannot write, though they are stored
    """

    addon = ""
    not_written = ()

    def test_what_people_write_is_rich_text(self):
        for model in self.env.registry.values():
            for field in model._fields.values():
                if field.type != "html" or field._module != self.addon:
                    continue
                if field.store and str(field) not in self.not_written:
                    with self.subTest(field=str(field)):
                        self.assertIsInstance(field, RichText)

    def test_views_cut_off_what_leaves_its_field(self):
        found = []
        for view in self.env["ir.ui.view"].search([("model", "=like", "kpi.%")]):
            if not view.xml_id.startswith(f"{self.addon}."):
                continue
            for node in etree.fromstring(view.arch).iter("field"):
                model = find_model_of(view, node)
                field = model is not None and model._fields.get(node.get("name"))
                if isinstance(field, RichText):
                    found.append(field)
                    classes = node.get("class", "").split()
                    options = literal_eval(node.get("options", "{}"))
                    with self.subTest(view=view.xml_id, field=str(field)):
                        self.assertIn("o_kpi_rich_text", classes)
                        # Else the editor offers what is not stored.
                        self.assertIs(options["embedded_components"], False)
        self.assertTrue(found)

    def _store_sanitized(self, record, field):
        """Store what the field makes of hostile texts."""
        hostile = "".join(HOSTILE.values())
        sanitized = record._fields[field].convert_to_cache(hostile, record)
        self._store(record, field, sanitized)

    def _check_form(self, record, field, login, tab=None, shown_by=None):
        """Open a form with hostile texts: sanitised ones, and those stored before.

        :param tab: name of the page of a notebook that shows the field
        :param shown_by: record whose form shows the text; default: its own
        """
        shown_by = shown_by or record
        path = f"/odoo/{shown_by._name}/{shown_by.id}"
        css = f".o_field_widget[name={field}] :is(.o_readonly, .odoo-editor-editable)"
        options = {"login": login, "tab": tab}
        self._store_sanitized(record, field)
        self._check_boxes(path, css, **options)

        self._store(record, field, "".join(PAINTING))
        self._check_boxes(path, css, is_sanitized=False, **options)

"""Samples for test_lint.py: a text that each rule finds something in.

``MODELS`` and ``TESTS`` belong to files below models/ and tests/. ``MANIFESTS`` go with
the rules that find something in them. ``INFERRED`` is found with ``setup/lint --long``
alone. ``WITHOUT_SAMPLE`` are rules that find nothing under our settings, and why.
``RUFF`` holds the rules that took the place of pylint's.
"""

from textwrap import indent

HEADER = """import itertools
import requests
from odoo import _, api, fields, models
from odoo.exceptions import UserError


"""


def in_model(body, base="Model"):
    """The text of a file with one model."""
    head = f'class Sample(models.{base}):\n    _name = "kpi.fault"\n\n'
    return HEADER + head + indent(body, "    ")


def in_method(body, name="_fill", arguments=""):
    """The text of a file with one method of a model."""
    return in_model(f"def {name}(self{arguments}):\n" + indent(body, "    "))


MODELS = {
    "attribute-deprecated": in_model("_columns = {}\n"),
    "attribute-string-redundant": in_model('height = fields.Float("Height")\n'),
    "bad-builtin-groupby": HEADER + "x = itertools.groupby([])\n",
    "context-overridden": in_method('return self.with_context({"a": 1})\n'),
    "deprecated-inselect-operator": 'DOMAIN = [("id", "inselect", "SELECT 1")]\n',
    "deprecated-name-get": in_method("return []\n", "name_get"),
    "deprecated-odoo-model-method": in_method("return {}\n", "fields_view_get"),
    "deprecated-self-cr": in_method("return self._cr\n"),
    "except-pass": "try:\n    x = 1\nexcept ValueError:\n    pass\n",
    "external-request-timeout": HEADER + 'x = requests.get("https://a.example")\n',
    "inheritable-method-lambda": in_model(
        "def _default_height(self):\n    return 1.0\n\n"
        "height = fields.Float(default=_default_height)\n"
    ),
    "inheritable-method-string": in_model(
        "def _compute_height(self):\n    self.height = 1.0\n\n"
        "height = fields.Float(compute=_compute_height)\n"
    ),
    "invalid-commit": in_method("self.env.cr.commit()\n"),
    "method-compute": in_model('height = fields.Float(compute="_measure")\n'),
    "method-inverse": in_model('height = fields.Float(inverse="_set_height")\n'),
    "method-required-super": in_method("return True\n", "write", ", values"),
    "method-search": in_model('height = fields.Float(search="_find_height")\n'),
    "missing-return": in_method("super()._fill()\n"),
    "no-raise-unlink": in_method(
        'if self:\n    raise UserError(self.env._("No."))\nreturn super().unlink()\n',
        "unlink",
    ),
    "no-search-all": in_method("return self.search([])\n"),
    "no-wizard-in-models": in_model("", base="TransientModel"),
    "no-write-in-compute": in_model(
        'height = fields.Float(compute="_compute_height")\n\n'
        'def _compute_height(self):\n    self.write({"height": 1.0})\n'
    ),
    "odoo-addons-relative-import": "import odoo.addons.kpi_faulty.models\n",
    "odoo-exception-warning": "from odoo.exceptions import Warning\nWarning\n",
    "prefer-env-translation": in_method('return _("High")\n'),
    "print-used": "print(1)\n",
    "renamed-field-parameter": in_model("height = fields.Float(select=True)\n"),
    "sql-injection": in_method(
        'self.env.cr.execute("SELECT %s" % name)\n', arguments=", name"
    ),
    "super-method-mismatch": in_method("return super()._empty()\n"),
    "translation-field": in_model('height = fields.Float(_("High"))\n'),
    "translation-format-interpolation": in_method(
        'return self.env._("{}".format(self))\n'
    ),
    "translation-format-truncated": in_method('return self.env._("A %", self)\n'),
    "translation-fstring-interpolation": in_method('return self.env._(f"A {self}")\n'),
    "translation-injection": in_method('return self.env._("{}").format(self)\n'),
    "translation-not-lazy": in_method('return self.env._("A %s" % self)\n'),
    "translation-positional-used": in_method('return self.env._("%s, %s", 1, 2)\n'),
    "translation-required": in_method('raise UserError("No.")\n'),
    "translation-too-few-args": in_method('return self.env._("%s, %s", 1)\n'),
    "translation-too-many-args": in_method('return self.env._("%s", 1, 2)\n'),
    "translation-unsupported-format": in_method('return self.env._("%y", 1)\n'),
    "use-vim-comment": "# vim: set tabstop=4\n",
}
# test-folder-imported
PACKAGE = "from . import models, tests\n"
TESTS = {
    rule: MODELS[rule]
    for rule in (
        "bad-builtin-groupby", "except-pass", "invalid-commit", "missing-return",
        "no-search-all", "odoo-addons-relative-import", "print-used", "sql-injection",
    )
}  # fmt: skip
MANIFESTS = [
    (
        {
            "license-allowed", "invalid-email", "development-status-allowed",
            "manifest-behind-migrations", "manifest-data-duplicated",
            "manifest-deprecated-key", "manifest-external-assets",
            "manifest-maintainers-list", "manifest-required-author",
            "manifest-required-key", "manifest-superfluous-key",
            "manifest-version-format", "missing-readme", "resource-not-exist",
            "website-manifest-key-not-valid-uri",
        },
        {
            "name": "Faulty",
            "version": "1.0",
            "author": "Nobody",
            "license": "MIT",
            "description": "An addon to look at",
            "website": "nowhere",
            "support": "nobody",
            "development_status": "New",
            "maintainers": "nobody",
            "data": ["missing.xml", "missing.xml"],
            "assets": {"web.assets_backend": ["https://a.example/b.js"]},
            "installable": True,
        },
    ),
    (
        {
            "category-allowed-app", "manifest-author-string",
            "manifest-required-key-app", "missing-odoo-file-app",
        },
        {
            "name": "Faulty",
            "summary": "An addon to look at",
            "version": "19.0.1.0.0",
            "author": ["KPI Suite"],
            "license": "LGPL-3",
            "category": "Nowhere",
            "price": 1.0,
        },
    ),
]  # fmt: skip
WITHOUT_SAMPLE = {
    "category-allowed": "no list of categories",
    "manifest-summary-multiline": "for Odoo 20",
    "missing-odoo-file": "no list of files",
    "prohibited-method-override": "no list of methods",
    "translation-contains-variable": "for Odoo 13",
}
INFERRED = {
    "assignment-from-none": "def empty():\n    return None\n\n\nx = empty()\n",
    "pointless-string-statement": 'print()\n"said to nobody"\n',
    "redundant-keyword-arg": "def add(a):\n    return a\n\n\nx = add(1, a=2)\n",
    "unreachable": "def end():\n    return 1\n    print(2)\n",
}
# what pylint calls it → ruff's rule
RUFF = {
    "anomalous-backslash-in-string": ("W605", 'x = "\\d"\n'),
    "dangerous-default-value": ("B006", "def add(a=[]):\n    return a\n"),
    "duplicate-key": ("F601", 'x = {"a": 1, "a": 2}\n'),
    "eval-used": ("S307", 'x = eval("1")\n'),
    "exec-used": ("S102", 'exec("x = 1")\n'),
    "pointless-statement": ("B018", "x = 1\nx\n"),
    "reimported": ("F811", "import os\n\nimport os\n\nos\n"),
    "return-in-init": (
        "PLE0101",
        "class A:\n    def __init__(self):\n        return 1\n",
    ),
    "too-few-format-args": ("F524", 'x = "{} {}".format(1)\n'),
}

"""Each rule of the layers, broken in a small tree of its own."""

import subprocess
import sys

import pytest

from addons import ROOT
from layers import Layers

MANIFESTS = {
    "kpi_base": {
        "depends": ["mail"],
        "external_dependencies": {"python": ["numpy>=1.24"]},
    },
    "kpi_tracking": {"depends": ["kpi_base"]},
    "kpi_tracking_board": {"depends": ["kpi_tracking"], "auto_install": True},
    "kpi_deal": {"depends": ["kpi_tracking_board", "crm"]},
    "kpi_deal_account": {"depends": ["kpi_deal", "account"], "auto_install": True},
    "kpi_tat": {"depends": ["kpi_tracking"]},
    "kpi_deal_tat": {"depends": ["kpi_deal", "kpi_tat"], "auto_install": True},
}
MODULES = (
    "kpi_base/engine/periods.py",
    "kpi_base/engine/table/cells.py",
    "kpi_base/models/audit.py",
    "kpi_base/controllers/rest.py",
    "kpi_base/schemas/base.py",
    "kpi_tracking/engine/status.py",
    "kpi_tracking_board/models/tile.py",
    "kpi_deal/models/deal.py",
    "kpi_tat/models/tat.py",
)
PAGE = """# Architecture

`kpi_base.models.audit` is spoken of here, but not listed.

## Public modules

| module | what it gives |
|---|---|
| `kpi_base.engine.periods` | periods |

## Seams

See `kpi_base.schemas.base`.
"""


@pytest.fixture
def tree(tmp_path):
    """Addons as the product has them, none importing anything."""
    for name, manifest in MANIFESTS.items():
        write(tmp_path / name / "__manifest__.py", repr(manifest))
    for module in MODULES:
        write(tmp_path / module, "")
    write(tmp_path / "docs/architecture.md", PAGE)
    return tmp_path


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("kpi_base/engine/a.py", "import json, numpy.linalg"),
        ("kpi_base/engine/a.py", "from . import periods"),
        ("kpi_base/engine/table/a.py", "from ..periods import Period, _private"),
        ("kpi_base/engine/a.py", "from reportlab.lib import colors"),
        ("kpi_base/engine/a.py", "def a():\n    import sklearn"),
        ("kpi_base/engine/a.py", "def a():\n    if 1:\n        import sklearn"),
        ("kpi_tracking/engine/a.py", "import numpy"),
        ("kpi_tracking/engine/a.py", "from odoo.addons.kpi_base.engine import periods"),
        ("kpi_tracking/engine/a.py", "from odoo.addons.kpi_base.schemas.base import A"),
        ("kpi_base/models/a.py", "from odoo import models"),
        ("kpi_base/models/a.py", "from odoo.addons.mail.controllers import webclient"),
        ("kpi_tracking/models/a.py", "from odoo.addons.mail.models import mail_thread"),
        ("kpi_deal/models/a.py", "import odoo.addons.crm.models, odoo.addons.base"),
        ("kpi_base/controllers/a.py", "from ..models.audit import AuditEvent"),
        ("kpi_tracking_board/models/a.py", "import odoo.addons.kpi_base.models.audit"),
        ("kpi_deal/models/a.py", "from odoo.addons.kpi_base.engine import periods"),
        ("kpi_deal/models/a.py", "from odoo.addons.kpi_base.engine.periods import P"),
        (
            "kpi_deal_account/models/a.py",
            "import odoo.addons.kpi_deal.models.deal",
        ),
        ("kpi_deal_tat/models/a.py", "from odoo.addons.kpi_tat.models import tat"),
    ],
)
def test_what_keeps_to_the_layers_is_not_found(tree, file, line):
    write(tree / file, line)
    assert list(Layers(tree).findings()) == []


@pytest.mark.parametrize(
    ("file", "line", "problem"),
    [
        # pure code imports pure code
        ("kpi_base/engine/a.py", "import odoo", "pure code imports odoo"),
        ("kpi_base/engine/a.py", "from odoo.fields import D", "imports odoo.fields"),
        ("kpi_base/analytics/a.py", "import pandas", "pure code imports pandas"),
        ("kpi_base/analytics/a.py", "import sklearn", "pure code imports sklearn"),
        ("kpi_base/engine/a.py", "if 1:\n    import sklearn", "imports sklearn"),
        ("kpi_base/engine/a.py", "try:\n    1\nfinally:\n    import odoo", "odoo"),
        (
            "kpi_base/engine/a.py",
            "try:\n    1\nexcept E:\n    import odoo",
            "pure code imports odoo",
        ),
        (
            "kpi_base/schemas/a.py",
            "from ..models import audit",
            "kpi_base.models.audit",
        ),
        ("kpi_base/engine/table/a.py", "from ... import models", "kpi_base.models"),
        (
            "kpi_tracking/engine/a.py",
            "from odoo.addons.kpi_base.models.audit import moment",
            "pure code imports kpi_base.models.audit",
        ),
        # models import no controllers
        (
            "kpi_base/models/a.py",
            "from ..controllers.rest import Problem",
            "models import kpi_base.controllers.rest",
        ),
        (
            "kpi_tracking/wizards/a.py",
            "def a():\n    from odoo.addons.kpi_base.controllers import rest",
            "wizards import kpi_base.controllers.rest",
        ),
        # an addon imports those below it
        (
            "kpi_base/engine/a.py",
            "from odoo.addons.kpi_tracking.engine import status",
            "kpi_base does not depend on kpi_tracking",
        ),
        (
            "kpi_tracking/tests/test_a.py",
            "from odoo.addons.kpi_tracking_board.models import tile",
            "kpi_tracking does not depend on kpi_tracking_board",
        ),
        (
            "kpi_tat/models/a.py",
            "import odoo.addons.kpi_deal.models.deal",
            "kpi_tat does not depend on kpi_deal",
        ),
        (
            "kpi_tracking/models/a.py",
            "from odoo.addons.kpi_base.models.audit import _moment",
            "_moment is private to kpi_base",
        ),
        # also of those of Odoo
        (
            "kpi_base/controllers/a.py",
            "from odoo.addons.rpc.controllers import json2",
            "kpi_base does not depend on rpc",
        ),
        ("kpi_tat/models/a.py", "from odoo.addons import crm", "depend on crm"),
        (
            "kpi_tracking/models/a.py",
            "def a():\n    import odoo.addons.account.models",
            "kpi_tracking does not depend on account",
        ),
        # domain addons import public modules of the platform
        (
            "kpi_deal/models/a.py",
            "from odoo.addons.kpi_base.models.audit import AuditEvent, Log",
            "kpi_base.models.audit is not among the public modules",
        ),
        (
            "kpi_deal/models/a.py",
            "from odoo.addons.kpi_tracking_board.models import tile",
            "kpi_tracking_board.models.tile is not among the public modules",
        ),
        # listed in another section
        (
            "kpi_deal/schemas/a.py",
            "from odoo.addons.kpi_base.schemas.base import Page",
            "kpi_base.schemas.base is not among the public modules",
        ),
        # glue between addons on top of the platform is no part of it
        (
            "kpi_deal_tat/models/a.py",
            "from odoo.addons.kpi_base.models import audit",
            "kpi_base.models.audit is not among the public modules",
        ),
    ],
)
def test_what_goes_against_the_layers_is_named_with_its_place(
    tree, file, line, problem
):
    write(tree / file, line)
    (found,) = Layers(tree).findings()
    number = len(line.splitlines())
    assert found.startswith(f"{file}:{number}: ")
    assert problem in found


def test_listed_module_that_is_gone_is_named(tree):
    (tree / "kpi_base/engine/periods.py").unlink()
    (found,) = Layers(tree).findings()
    assert found == "docs/architecture.md: there is no module kpi_base.engine.periods"


@pytest.mark.parametrize(("line", "status"), [("import json", 0), ("import odoo", 1)])
def test_command_says_it_and_fails(tree, line, status):
    write(tree / "kpi_base/engine/a.py", line)
    command = [sys.executable, ROOT / "setup/lib/layers.py", tree]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == status
    assert process.stdout.count("\n") == status


def test_themes_that_import_in_a_circle_are_named(tree):
    write(tree / "kpi_deal/models/plan/a.py", "from ..deal import b\n")
    write(tree / "kpi_deal/models/deal/b.py", "from ..agent.c import name\n")
    write(tree / "kpi_deal/models/agent/c.py", "from ...engine import d\n")
    write(tree / "kpi_deal/engine/d.py", "")
    assert not list(Layers(tree).findings())
    write(tree / "kpi_deal/models/agent/c.py", "from ..plan import a\n")
    write(tree / "kpi_deal/models/top.py", "from .plan import a\n")
    assert list(Layers(tree).findings()) == [
        "kpi_deal: models/agent, models/deal, models/plan import in a circle"
    ]

"""Check that colours outside style sheets come from ``engine.palette``."""

import re
from pathlib import Path

from odoo.modules import get_module_path

from ..engine import palette

COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")


class PaletteMixin:
    """For a test of each addon.

    :cvar addon: whose files are read
    """

    addon = ""

    def test_python_takes_its_colours_from_the_palette(self):
        for path in self._paths("**/*.py"):
            with self.subTest(path):
                self.assertFalse(COLOUR.findall(path.read_text()))

    def test_mails_and_printed_pages_have_the_colours_of_the_palette(self):
        """They cannot ask for it: mails have no style sheet, CSS has no Python."""
        known = _palette()
        for pattern in ("**/*mail_templates.xml", "data/*_data.xml", "**/print/*.css"):
            for path in self._paths(pattern):
                found = {colour.lower() for colour in COLOUR.findall(path.read_text())}
                with self.subTest(path):
                    self.assertFalse(found - known)

    def _paths(self, pattern):
        root = Path(get_module_path(self.addon))
        return [path for path in root.glob(pattern) if "tests" not in path.parts]


def _palette():
    """All colours of the module."""
    names = (name for name in vars(palette) if name.isupper())
    return set(COLOUR.findall(repr([getattr(palette, name) for name in names])))

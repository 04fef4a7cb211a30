import re
from pathlib import Path

import sass

from odoo.modules import get_module_path
from odoo.tests import BaseCase
from odoo.tools import file_path

from ...engine import palette

ODOO = (
    "web/static/lib/bootstrap/scss/_functions.scss",
    "web/static/src/scss/functions.scss",
    "web/static/src/scss/primary_variables.scss",
)
BOOTSTRAP = "web/static/lib/bootstrap/scss"
DARK = "kpi_base/static/src/dark/variables.scss"
SCSS = "kpi_base/static/src/eager/tokens/tokens.scss"
CSS = "kpi_base/static/src/tokens/tokens.css"
TOKEN = re.compile(r"(--kpi-[\w-]+):\s*([^;]+);")
# Words of Bootstrap for other sizes.
FOREIGN_SIZES = re.compile(r"(?:fs-\d|h[1-5]|display-\d|small|smaller|lead)")
CLASSES = re.compile(r"class=\"([^\"]*)\"")
USED = re.compile(r"(?:var\(|\(\")(--kpi-[\w-]+)(?=[\"),])")


class TestTokens(BaseCase):
    """One set of sizes, times and colors in all the files that hold it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.light, cls.still = cls._compile()
        cls.dark = cls._compile(DARK)[0]
        cls.css = Path(file_path(CSS)).read_text()

    @staticmethod
    def _compile(*first):
        """The tokens of Odoo's client, and those for reduced motion."""
        source = "\n".join(
            Path(file_path(path)).read_text() for path in (*first, *ODOO, SCSS)
        )
        compiled = sass.compile(string=source, include_paths=[file_path(BOOTSTRAP)])
        usual, _media, still = compiled.partition("@media")
        return _tokens(usual), _tokens(still)

    def test_pages_without_client_have_the_same_values(self):
        usual, dark, still = self.css.split("@media")
        alone = _tokens(usual)
        alone.pop("--kpi-face")
        self.assertEqual(alone, self.light)
        self.assertEqual({**alone, **_tokens(dark)}, self.dark)
        self.assertEqual(_tokens(still), self.still)

    def test_nothing_moves_for_who_wants_it_so(self):
        times = {name for name in self.light if "motion" in name}
        self.assertEqual(self.still, dict.fromkeys(times, "0s"))

    def test_colours_of_drawings_and_files_are_those_of_screens(self):
        series = (self.light[f"--kpi-series-{number}"] for number in range(1, 8))
        self.assertEqual(palette.SERIES[:7], tuple(series))
        for tone, colour in palette.FILLS.items():
            self.assertEqual(colour, self.light[f"--kpi-{tone}"])
            self.assertEqual(palette.TEXTS[tone], self.light[f"--kpi-{tone}-text"])
            self.assertEqual(palette.GROUNDS[tone], self.light[f"--kpi-{tone}-ground"])
        names = {"INK": "ink", "FAINT": "faint", "LINE": "line", "TRACK": "track"}
        names |= {"AXIS": "target", "PAPER": "paper", "DESK": "desk"}
        for constant, name in names.items():
            self.assertEqual(getattr(palette, constant), self.light[f"--kpi-{name}"])

    def test_words_can_be_read_on_their_ground(self):
        """WCAG 2.1 asks for a contrast of 4.5."""
        for look, tokens in (("light", self.light), ("dark", self.dark)):
            grounds = ("paper", "desk")
            pairs = [(name, on) for name in ("ink", "faint") for on in grounds]
            pairs += [(f"{tone}-text", f"{tone}-ground") for tone in palette.TEXTS]
            for text, ground in pairs:
                with self.subTest(look, text=text, ground=ground):
                    one, other = tokens[f"--kpi-{text}"], tokens[f"--kpi-{ground}"]
                    self.assertGreater(_contrast(one, other), 4.5)

    def test_templates_and_views_use_no_other_sizes(self):
        for path, source in _read_sources("js", "xml"):
            words = set(" ".join(CLASSES.findall(source)).split())
            with self.subTest(path):
                self.assertFalse({*filter(FOREIGN_SIZES.fullmatch, words)})
                if path.name.endswith("_views.xml"):
                    self.assertNotIn("<small", source)

    def test_what_is_used_is_there(self):
        """A property that nobody sets would be passed over without a word."""
        sources = dict(_read_sources("scss", "css", "js", "xml"))
        known = set(re.findall(r"(--kpi-[\w-]+):", "\n".join(sources.values())))
        known |= set(self.light)
        for path, source in sources.items():
            with self.subTest(path):
                self.assertFalse(set(USED.findall(source)) - known)


def _read_sources(*kinds):
    """Paths and texts of files of all addons of ours."""
    for root in Path(get_module_path("kpi_base")).parent.glob("kpi_*"):
        for kind in kinds:
            for path in root.glob(f"**/*.{kind}"):
                yield path, path.read_text()


def _tokens(css):
    return {name: _plain(value) for name, value in TOKEN.findall(css)}


def _plain(value):
    return "#ffffff" if value in ("white", "#fff") else value


def _contrast(one, other):
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

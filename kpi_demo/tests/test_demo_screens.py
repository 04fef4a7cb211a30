from odoo.tests import HttpCase, tagged

from .screen_crawl import ScreenCrawl

READERS = ("en_US", "en_GB", "de_DE")
CHECK = """
const digits = /(?<![\\w.\\/-])\\d{1,2}[\\/.]\\d{1,2}[\\/.]20\\d\\d(?![\\w])/g;
const check = () => {
    const found = [];
    const text = document.body.innerText;
    for (const pattern of [digits, percents]) {
        for (const hit of text.matchAll(pattern)) {
            const at = hit.index;
            found.push(text.slice(Math.max(0, at - 40), at + 30));
        }
    }
    return found;
};
"""


@tagged("post_install", "-at_install")
class TestDemoScreens(ScreenCrawl, HttpCase):
    """No screen shows a day of digits, or a percent as another language writes it.

    By default a sample of the screens is opened by each reader; all in long tests.
    """

    def test_days_and_percents_on_screens(self):
        for code in READERS:
            self.env["res.lang"]._activate_lang(code)
            self.admin.lang = code
            # Terms and what the demo's people wrote are English.
            is_english = code.startswith("en")
            percents = r"/\d[ \u00a0\u202f]%/g" if is_english else r"/,\d+%/g"
            with self.subTest(lang=code):
                self._crawl(f"const percents = {percents};\n{CHECK}", code)

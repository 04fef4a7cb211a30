"""Content types of tables written as files, and the fonts of a PDF, from Odoo.

::

    table_pdf.write_pdf(document, get_fonts())
    [("Content-Type", MIME_TYPES["pdf"])]
"""

from odoo.tools import file_path

from .engine.table_pdf import Fonts

MIME_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FONTS = "web/static/fonts/google/Open_Sans/Open_Sans-%s.ttf"


def get_font_file(weight: str) -> str:
    """A file of the font that Odoo ships, so that files look the same on each server.

    :param weight: ``Regular``, ``SemiBold`` or ``Bold``
    """
    return file_path(_FONTS % weight)


def get_fonts() -> Fonts:
    """The fonts that Odoo ships, for ``table_pdf``."""
    return Fonts(*map(get_font_file, ("Regular", "Bold")))

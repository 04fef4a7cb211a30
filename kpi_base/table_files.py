"""Files that people download: their content types, the fonts of a PDF, the answer.

::

    table_pdf.write_pdf(document, get_fonts())
    answer_file(name, MIME_TYPES["pdf"], content)
"""

from odoo.http import content_disposition, request
from odoo.tools import file_path

from .engine.table_pdf import Fonts

MIME_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FONTS = "web/static/fonts/google/Roboto/Roboto-%s.ttf"


def get_font_file(weight: str) -> str:
    """A file of the font that Odoo ships, so that files look the same on each server.

    :param weight: ``Regular`` or ``Medium``
    """
    return file_path(_FONTS % weight)


def get_fonts() -> Fonts:
    """The fonts that Odoo ships, for ``table_pdf``."""
    return Fonts(*map(get_font_file, ("Regular", "Medium")))


def answer_file(name, mime_type, content):
    """The response with a file for the user alone."""
    headers = [
        ("Content-Type", mime_type),
        ("Content-Disposition", content_disposition(name)),
        ("Cache-Control", "private, no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return request.make_response(content, headers)

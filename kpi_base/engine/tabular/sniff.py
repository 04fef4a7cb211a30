"""Detection of a file's kind by its content, whatever its name says."""

import re
from typing import Literal

from ..fault import _lt
from .encoding import SAMPLE
from .errors import TabularError

Kind = Literal["text", "xlsx"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PDF = _lt("This file is a PDF, not a table. Save the table as CSV or XLSX.")
_PICTURE = _lt("This file is a picture, not a table. Save the table as CSV or XLSX.")
_COMPRESSED = _lt(
    "This file is a compressed file, not a table. Save the table as CSV or XLSX."
)
_DOCUMENT = _lt(
    "This file is a text document, not a table. Save the table as CSV or XLSX."
)
_BINARIES = (
    (b"%PDF", _PDF),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"\x1f\x8b", _COMPRESSED),
    (b"Rar!", _COMPRESSED),
    (b"7z\xbc\xaf", _COMPRESSED),
    (b"{\\rtf", _DOCUMENT),
)
_JSON = re.compile(r'\s*(\{\s*"|\[\s*[\[{])')
_MARKUP = re.compile(r"\s*<[a-z!?/]", re.IGNORECASE)


def sniff(content: bytes) -> Kind:
    """Detect whether ``content`` is text or a workbook.

    :raises TabularError: neither, saying what it is and what to do
    """
    if not content:
        raise TabularError(_lt("The file is empty."))
    if content.startswith(b"PK"):
        return "xlsx"
    if content.startswith(_OLE):
        raise TabularError(_ole_reason(content))
    for mark, reason in _BINARIES:
        if content.startswith(mark):
            raise TabularError(reason)
    sample = _plain(content[:SAMPLE])
    if _JSON.match(sample):
        raise TabularError(
            _lt("This file is JSON, not a table. Save the table as CSV or XLSX.")
        )
    if _MARKUP.match(sample):
        raise TabularError(
            _lt(
                "This file is a web page or XML, not a table. Open it in a "
                "spreadsheet and save it as CSV or XLSX."
            )
        )
    return "text"


def _ole_reason(content: bytes) -> str:
    if _ENCRYPTED in content:
        return _lt("This workbook is protected by a password. Save it without one.")
    return _lt("This is an old Excel file (.xls). Save it as XLSX or CSV.")


def _plain(sample: bytes) -> str:
    """ASCII of any encoding: enough to recognise markup."""
    return sample.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe").decode("latin-1")

"""Detection of the encoding of a text from its bytes."""

import codecs
import re

from ..fault import _lt
from .errors import TabularError

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ASSUMED = "cp1252"
SAMPLE = 65_536  # bytes
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_MOSTLY = 0.3  # of every second byte of European text in UTF-16 is 0


def detect_encoding(content: bytes) -> tuple[str, bool]:
    """The encoding of ``content`` and whether it is only assumed.

    A byte order mark decides, then whether everything is UTF-8, then the pattern of
    UTF-16 without mark. Anything else is taken for Western European (Windows).

    :raises TabularError: no text at all
    """
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return encoding, False
    sample = content[:SAMPLE]
    if utf16 := _utf16_without_mark(sample):
        return utf16, True
    if _CONTROL.search(sample):
        raise TabularError(
            _lt("This is not a text file. Save the table as CSV or XLSX and try again.")
        )
    return ("utf-8", False) if _is_utf8(content) else (ASSUMED, True)


def _is_utf8(content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), SAMPLE):
            decoder.decode(content[start : start + SAMPLE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(sample: bytes) -> str:
    even, odd = sample[0::2], sample[1::2]
    if len(odd) < 2:
        return ""
    high_last = odd.count(0) / len(odd) > _MOSTLY and not even.count(0)
    high_first = even.count(0) / len(even) > _MOSTLY and not odd.count(0)
    if high_last:
        return "utf-16-le"
    return "utf-16-be" if high_first else ""

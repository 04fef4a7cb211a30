"""Content of a document as one short text: the same for the same content."""

import datetime as dt
import hashlib
from decimal import Decimal

from ..audit.canonical import canonical_text


def content_version(content: object) -> str:
    """SHA-256 of nested content in its canonical form.

    :param content: dicts with text keys, lists, texts, numbers, days, moments, bytes,
        booleans and None
    :raises AuditError: anything else, naming its path
    """
    return hashlib.sha256(canonical_text(_plain(content)).encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        # as it is stored: 0.1 is 0.1, and 2.0 is 2
        return format(Decimal(repr(value)).normalize(), "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return value

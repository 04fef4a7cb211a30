"""Phone numbers as people type them."""

import re

LONGEST = 15  # digits (ITU-T E.164)


def is_phone(text: str | None) -> bool:
    """Check whether a text is a phone number with its country code, +49 30 1234567."""
    digits = re.sub(r"[\s().\-/]", "", text or "")
    return bool(re.fullmatch(rf"\+[1-9]\d{{6,{LONGEST - 1}}}", digits, re.ASCII))

"""Fingerprints: short texts that are equal where what they stand for is equal."""

from hashlib import sha256

LENGTH = 32  # hexadecimal digits, 128 bits


def hash_text(text: str | bytes) -> str:
    """A short digest of ``text``, the same in every process and on every day."""
    data = text if isinstance(text, bytes) else text.encode()
    return sha256(data).hexdigest()[:LENGTH]

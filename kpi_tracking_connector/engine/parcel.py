"""Files that are handed over: compressed while they are written."""

import hashlib
import io
import zlib

CHUNK_BYTES = 256 * 1024  # lines are handed on together: one by one they take longer
AS_GZIP = 31  # of the window bits of zlib


class Parcel(io.RawIOBase):
    """Takes lines as COPY writes them, and says what they were.

    :ivar digest: SHA-256 of what is compressed
    """

    def __init__(self) -> None:
        super().__init__()
        self.digest = hashlib.sha256()
        # Its head has no time: the same rows are the same file, whenever it is made.
        self._compressor = zlib.compressobj(wbits=AS_GZIP)
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    # a file's method, none of a model
    # pylint: disable-next=method-required-super
    def write(self, lines: memoryview) -> int:
        self.digest.update(lines)
        self._parts.append(self._compressor.compress(lines))
        return len(lines)

    def open(self) -> io.BufferedWriter:
        return io.BufferedWriter(self, CHUNK_BYTES)

    def finish(self) -> bytes:
        """The file, once it is written."""
        return b"".join([*self._parts, self._compressor.flush()])

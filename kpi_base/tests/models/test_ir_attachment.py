import errno
import os
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

MODULE = "odoo.addons.base.models.ir_attachment"
CONTENT = b"A file of which half finds room."


class FullDisk:
    """Files on a disk that takes half of what is written, then none."""

    def __init__(self, path, mode):
        self.path = path

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return False

    # A file is no record, so there is nothing above to call.
    def write(self, content):  # pylint: disable=method-required-super
        with open(self.path, "wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")


@tagged("post_install", "-at_install")
class TestIrAttachment(TransactionCase):
    """Nothing is left of a file that found no room."""

    def setUp(self):
        super().setUp()
        self.files = self.env["ir.attachment"]
        checksum = self.files._compute_checksum(CONTENT)
        self.path = self.files._full_path(f"{checksum[:2]}/{checksum}")

    def _store(self):
        return self.files.create({"name": "A", "raw": CONTENT})

    def test_a_file_that_found_no_room_can_be_stored_later(self):
        with (
            patch(f"{MODULE}.open", FullDisk, create=True),
            mute_logger(MODULE),
            self.assertRaises(OSError),
        ):
            self._store()
        self.assertFalse(os.path.exists(self.path))
        self.assertEqual(self._store().raw, CONTENT)

    def test_a_file_that_is_there_stays(self):
        stored = self._store()
        self.files._remove_unfinished(CONTENT, stored.checksum)
        self.assertEqual(stored.raw, CONTENT)

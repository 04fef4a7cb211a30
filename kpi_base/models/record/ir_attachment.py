import os

from odoo import api, models

from ...failure import is_disk_full


class IrAttachment(models.Model):
    """Files that found no room leave nothing: Odoo would take the rest for the file."""

    _inherit = "ir.attachment"

    @api.model
    def _file_write(self, bin_value, checksum):
        try:
            return super()._file_write(bin_value, checksum)
        except OSError as error:
            if is_disk_full(error):
                self._remove_unfinished(bin_value, checksum)
            raise

    @api.model
    def _remove_unfinished(self, bin_value, checksum):
        path = self._full_path(f"{checksum[:2]}/{checksum}")
        if os.path.isfile(path) and os.path.getsize(path) != len(bin_value):
            os.unlink(path)

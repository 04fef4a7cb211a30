"""Files of connectors that also go to a server, by SFTP."""

import re
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed, OutgoingRefused
from odoo.addons.kpi_base.fields import Secret

from ..engine.sftp import SftpFault, fingerprint, open_server

SCHEMES = ("sftp",)
SECRETS = ("sftp_password", "sftp_private_key")


class KpiBiConnector(models.Model):
    """A server that is sent each file."""

    _name = "kpi.bi.connector"
    _inherit = ["kpi.bi.connector", "kpi.secret.mixin"]

    sftp_host = fields.Char(
        "SFTP Server",
        help="Each file is also sent to this server. Add the port unless it is 22.",
    )
    sftp_folder = fields.Char(
        "Folder", help="Leave empty to use the login's home folder."
    )
    sftp_user = fields.Char("User Name")
    sftp_password = Secret(
        "sftp_password", "Password", help="Password of the user or private key."
    )
    sftp_private_key = Secret(
        "sftp_private_key",
        "Private Key",
        help="In ssh-keygen format. Hidden after saving.",
    )
    sftp_known_key = fields.Char(readonly=True, copy=False, exportable=False)
    sftp_seen_key = fields.Char(readonly=True, copy=False, exportable=False)
    sftp_question = fields.Char(compute="_compute_sftp_question", exportable=False)

    @api.depends("sftp_known_key", "sftp_seen_key")
    def _compute_sftp_question(self):
        for each in self:
            each.sftp_question = each.sftp_seen_key and each._describe_seen_key()

    def _describe_seen_key(self):
        seen = fingerprint(self.sftp_seen_key)
        if not self.sftp_known_key:
            return self.env._(
                "The SFTP server's key is %s. Check with its administrator before "
                "trusting it.",
                seen,
            )
        return self.env._(
            "The SFTP server's key is %(seen)s, not %(known)s. Check with its "
            "administrator before trusting it.",
            seen=seen,
            known=fingerprint(self.sftp_known_key),
        )

    @api.constrains("sftp_host")
    def _check_sftp_host(self):
        for each in self.filtered("sftp_host"):
            each.env["kpi.outgoing"]._check_address(each._get_sftp_address(), SCHEMES)

    def _get_sftp_address(self):
        return f"sftp://{self.sftp_host.removeprefix('sftp://')}"

    def _forget_sftp(self, vals):
        """Send to another server nothing that was typed for the one before."""
        # Which keys are trusted is the engine's; the right to change it was asked for.
        self.sudo().write({"sftp_known_key": False, "sftp_seen_key": False})
        for name in set(SECRETS) - vals.keys():
            self.env["kpi.secret"]._forget(self, name)
        self.invalidate_recordset(SECRETS)

    def action_test(self):
        """Log in to the server of files too, once its key is trusted."""
        shown = super().action_test()
        if self.is_file and self.sftp_host:
            with self._open_sftp() as server:
                is_known = server.host_key == self.sftp_known_key
                # As above.
                self.sudo().sftp_seen_key = not is_known and server.host_key
                if not is_known:
                    return False  # the form asks
                self._log_in(server)
                server.check()
        return shown

    def action_trust_sftp(self):
        """Trust the key that the server showed."""
        self.ensure_one()
        self.check_access("write")
        if self.sftp_seen_key:
            trusted = {"sftp_known_key": self.sftp_seen_key, "sftp_seen_key": False}
            self.sudo().write(trusted)  # as above

    @contextmanager
    def _open_sftp(self):
        """The server; nobody has logged in yet.

        :raises UserError: also for what comes to nothing in the block
        """
        try:
            line = self.env["kpi.outgoing"]._connect(self._get_sftp_address(), SCHEMES)
            known_key, folder = self.sftp_known_key or "", self.sftp_folder or ""
            with open_server(line, known_key, folder) as server:
                yield server
        except SftpFault as fault:
            reason = fault.translate_with(lambda text: self.env._(text))
            raise UserError(reason) from fault
        except OutgoingRefused as fault:
            raise UserError(fault.translate_with(self.env._)) from fault
        except OutgoingFailed as error:
            raise UserError(str(error)) from error

    def _log_in(self, server):
        secrets = [self._read_secret(name) for name in SECRETS]
        server.log_in(self.sftp_user or "", *secrets)

    def _send_sftp(self, name, content, manifest):
        """Put a file on the server, then its manifest: with that it is whole."""
        if not self.sftp_known_key:
            raise UserError(
                self.env._("Click “Test” and trust the server's key first.")
            )
        name = re.sub(r"[^\w.-]+", "_", name).lstrip(".")
        part = f".kpi-{self.id}.part"
        with self._open_sftp() as server:
            self._log_in(server)
            server.put(name, content, part)
            server.put(f"{name}.json", manifest.encode(), part)

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import Controller, request, route
from odoo.tools.mimetypes import guess_mimetype

from odoo.addons.kpi_base.engine.rest.openapi import MEBIBYTE
from odoo.addons.kpi_base.rest.link_page import answer_too_many, count_visit
from odoo.addons.kpi_base.roles import USER

from ..models.kpi_phone import PATH

MOST_BYTES = 5_000_000  # a phone redraws its photos: they have some 300,000
MAX_WAITING = 200  # photos of a person whose entries have not come
UNUSED = {"res_model": "kpi.value.entry", "res_id": 0}
TYPES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


class KpiPhonePhoto(Controller):
    """What is no call of a method: photos, and that a notification was shown."""

    @route(
        f"{PATH}/photo",
        type="http",
        auth="user",
        methods=["POST"],
        sitemap=False,
        max_content_length=MOST_BYTES + MEBIBYTE,  # what is larger gets no sentence
    )
    def photo(self, photo=None, **_form):
        """Store a photo for an entry that follows; it is the user's until then."""
        if not request.env.user.has_group(USER):
            raise NotFound()
        content = photo.read(MOST_BYTES + 1) if hasattr(photo, "read") else b""
        kind = TYPES.get(guess_mimetype(content))
        message = ""
        if len(content) > MOST_BYTES:
            message = request.env._("The photo is too large. Take a smaller one.")
        elif not kind:
            message = request.env._("This file is not a photo.")
        elif self._count_waiting() >= MAX_WAITING:
            message = request.env._(
                "%s photos have no entry yet. Send their entries first.",
                MAX_WAITING,
            )
        if message:
            return request.make_json_response({"message": message})

        values = {"name": f"{request.env._('Photo')}.{kind}", "raw": content}
        try:
            file = request.env["ir.attachment"].create({**values, **UNUSED})
        except UserError as error:  # too many pixels
            return request.make_json_response({"message": str(error)})
        return request.make_json_response({"attachment_id": file.id})

    @staticmethod
    def _count_waiting():
        """How many photos of the user no entry has taken yet."""
        unused = [(name, "=", value) for name, value in UNUSED.items()]
        own = [*unused, ("create_uid", "=", request.env.uid)]
        # Files of no record: they are the user's own.
        return request.env["ir.attachment"].sudo().search_count(own)

    @route(
        f"{PATH}/shown",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        sitemap=False,
    )
    def shown(self, token="", **_form):
        """Note that a phone has shown a notification; its token names it."""
        is_known = request.env["kpi.delivery"]._mark_shown(token)
        if not is_known and (wait := count_visit("kpi.phone")):
            return answer_too_many(wait)
        return request.make_response("", status=204)

"""Files that people download from screens."""

from odoo.http import content_disposition, request


def answer_file(name, mime_type, content):
    """The response with a file for the user alone."""
    headers = [
        ("Content-Type", mime_type),
        ("Content-Disposition", content_disposition(name)),
        ("Cache-Control", "private, no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return request.make_response(content, headers)

"""Pictures inside of an email, which its HTML shows by name."""

from collections.abc import Iterable
from email.message import EmailMessage


def embed_pictures(
    message: EmailMessage, pictures: Iterable[tuple[str, bytes, str]]
) -> None:
    """Put pictures beside the HTML, which shows them as ``<img src="cid:NAME">``.

    :param pictures: name, content and type such as ``image/png``
    """
    html = message.get_body(("html",))
    for name, content, mimetype in pictures:
        main, kind = mimetype.split("/")
        html.add_related(content, main, kind, cid=f"<{name}>", disposition="inline")

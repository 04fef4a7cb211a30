from email import message_from_bytes, policy
from email.message import EmailMessage

from ...engine.message import embed_pictures

HTML = '<p>Sales</p><img src="cid:chart.png">'


def test_pictures_are_related_to_the_html_and_no_attachments():
    message = EmailMessage()
    message.set_content("Sales")
    message.add_alternative(HTML, subtype="html")
    message.add_attachment(b"%PDF", "application", "pdf", filename="report.pdf")
    embed_pictures(message, [("chart.png", b"\x89PNG", "image/png")])
    read = message_from_bytes(message.as_bytes(), policy=policy.default)
    (related,) = (
        part for part in read.walk() if part.get_content_type() == "multipart/related"
    )
    html, picture = related.iter_parts()
    assert html.get_content().strip() == HTML
    assert picture["Content-ID"] == "<chart.png>"
    assert picture.get_content_type() == "image/png"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == b"\x89PNG"
    assert [part.get_filename() for part in read.iter_attachments()] == ["report.pdf"]

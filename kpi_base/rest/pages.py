"""Pages for people: the viewer of the description, and one per kind of error."""

from markupsafe import Markup

HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
        " img-src 'self' data:; connect-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
]
PAGE = Markup(
    """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}
</head>
<body>
{body}
</body>
</html>
"""
)
VIEWER_HEAD = Markup(
    '<link rel="stylesheet" href="docs/swagger-ui.css">\n'
    '<link rel="icon" href="docs/favicon-32x32.png">'
)
VIEWER_BODY = Markup(
    '<div id="viewer"></div>\n'
    '<script src="docs/swagger-ui-bundle.js"></script>\n'
    '<script src="docs/start.js"></script>'
)
START = """SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#viewer",
    deepLinking: true,
    validatorUrl: null,
});
"""
PROBLEM_HEAD = Markup(
    "<style>body{font-family:sans-serif;line-height:1.5;max-width:40rem;"
    "margin:2rem auto;padding:0 1rem}code{background:#eee;padding:.1rem .3rem}</style>"
)
PROBLEM_BODY = Markup(
    "<h1>{kind.title}</h1>\n"
    "<p>Status <code>{kind.status}</code>, type <code>{kind.slug}</code></p>\n"
    "<p>{kind.advice}</p>\n"
    '<p><a href="../docs">The interface</a></p>'
)


def viewer(title):
    """The page that shows the description of an interface."""
    return PAGE.format(title=title, head=VIEWER_HEAD, body=VIEWER_BODY)


def problem(kind):
    """The page of a kind of error."""
    body = PROBLEM_BODY.format(kind=kind)
    return PAGE.format(title=kind.title, head=PROBLEM_HEAD, body=body)

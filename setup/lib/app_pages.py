"""Compares each addon's ``static/description/index.html`` with what it is made from.

``python app_pages.py [--fix]``: ends with status 1 where a page is not current; with
``--fix`` writes it. A page is the README and, below its first part, the pictures that
the manifest lists; the name of a picture's file is its caption.
"""

import sys
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.core import publish_doctree

from addons import ROOT, Addon, our_addons

TAGS = {
    "bullet_list": "ul",
    "emphasis": "em",
    "entry": "td",
    "enumerated_list": "ol",
    "list_item": "li",
    "literal": "code",
    "paragraph": "p",
    "row": "tr",
    "title": "h2",
    **{tag: tag for tag in ("strong", "table", "tbody", "thead")},
}
BLOCKS = {"p", "ul", "ol", "li", "table", "thead", "tbody", "tr", "h2"}


def page(addon: Addon) -> str:
    """The page that Odoo shows below the app's name, in sections that it lets pass."""
    readme = publish_doctree((addon.path / "README.rst").read_text(encoding="utf-8"))
    sections = [n for n in readme.children if isinstance(n, nodes.section)]
    intro = readme.children[1 : len(readme.children) - len(sections)]
    parts = ["".join(map(html, intro)), *map(picture, addon.manifest.get("images", []))]
    parts += ["".join(map(html, section.children)) for section in sections]
    return "".join(f'<section class="container mb-4">\n{p}</section>\n' for p in parts)


def html(node: nodes.Node) -> str:
    """The node with what it holds; what has no tag of its own is its content."""
    if isinstance(node, nodes.Text):
        return escape(node.astext(), quote=False)
    content = "".join(map(html, node.children))
    tag = TAGS.get(node.tagname)
    if not tag:
        return content
    return f"<{tag}>{content}</{tag}>" + ("\n" if tag in BLOCKS else "")


def picture(image: str) -> str:
    """“kpi-by-month.png” as “Kpi by month”."""
    name = Path(image)
    caption = escape(name.stem.replace("-", " ").capitalize())
    source = f'<img src="{escape(name.name)}" alt="{caption}" class="img-fluid"/>'
    return f"<h2>{caption}</h2>\n<p>{source}</p>\n"


def main(*, fix: bool) -> int:
    status = 0
    for addon in our_addons(ROOT).values():
        file = addon.path / "static" / "description" / "index.html"
        current = file.read_text(encoding="utf-8") if file.exists() else ""
        if current == page(addon):
            continue
        if fix:
            file.write_text(page(addon), encoding="utf-8")
        else:
            print(f"{file.relative_to(ROOT)}: differs from the README and the pictures")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(fix="--fix" in sys.argv[1:]))

"""What Odoo's list of apps shows of an addon is there, and is the addon's own."""

import ast
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDONS = [manifest.parent for manifest in sorted(ROOT.glob("*/__manifest__.py"))]
STATUSES = {"Alpha", "Beta", "Production/Stable", "Mature"}
PNG = b"\x89PNG\r\n"
MOST_BYTES = 200 * 1024


def manifest_of(addon):
    return ast.literal_eval((addon / "__manifest__.py").read_text())


@pytest.mark.parametrize("addon", ADDONS, ids=lambda addon: addon.name)
def test_the_manifest_tells_all_that_the_list_of_apps_shows(addon):
    manifest = manifest_of(addon)
    assert manifest["maintainers"] == [manifest["author"]]
    assert manifest["development_status"] in STATUSES
    assert manifest["images"]
    # the first one is the addon's picture in the list
    for image in manifest["images"]:
        picture = (addon / image).read_bytes()
        assert picture.startswith(PNG)
        assert len(picture) <= MOST_BYTES, image
    page = (addon / "static" / "description" / "index.html").read_text()
    assert [i for i in manifest["images"] if Path(i).name not in page] == []


def test_all_addons_name_one_website():
    (website,) = {manifest_of(addon)["website"] for addon in ADDONS}
    assert website.startswith("https://")


def test_each_addon_has_an_icon_of_its_own():
    icons = [addon / "static" / "description" / "icon.png" for addon in ADDONS]
    digests = {sha256(icon.read_bytes()).hexdigest() for icon in icons}
    assert len(digests) == len(ADDONS)
    assert [addon.name for addon in ADDONS if "icon" in manifest_of(addon)] == []

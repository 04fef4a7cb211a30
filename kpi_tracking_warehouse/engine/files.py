"""Files that may be read: below one folder, whatever their names say."""

from collections.abc import Collection
from glob import iglob
from pathlib import Path

from odoo.addons.kpi_base.engine.fault import Fault

from .words import _lt


class FileFault(Fault):
    """Why a file is not read."""


def find_folder(text: str, name: str = "") -> Path:
    """The folder itself, or one below it, whatever links lead to it.

    :raises FileFault: the server has none, or none of this name below it
    """
    if not text:
        raise FileFault(
            _lt(
                "No folder for warehouse files. Ask your administrator to set "
                "kpi_warehouse_path."
            )
        )
    folder = Path(text).resolve()
    try:
        found = (folder / name).resolve()
        is_below = found.is_relative_to(folder) and found.is_dir()
    except (OSError, ValueError):  # too long, or no character of a name
        is_below = False
    if not is_below:
        raise FileFault(
            _lt("The warehouse folder does not contain “%(path)s”."),
            path=name,
        )
    return found


def find_files(folder: Path, pattern: str, suffixes: Collection[str]) -> list[Path]:
    """The files that a pattern names, all of one kind, as they really lie.

    :param folder: as ``find_folder`` gives it
    :param suffixes: of the kinds that can be read
    :raises FileFault: none, several kinds, or one that is outside by ``..`` or a link
    """
    names = iglob(pattern, root_dir=folder, recursive=True)
    paths = sorted({(folder / name).resolve() for name in names})
    if not all(path.is_relative_to(folder) for path in paths):
        raise FileFault(
            _lt("“%(path)s” is outside the warehouse folder."),
            path=pattern,
        )
    files = [path for path in paths if path.is_file()]
    kinds = {path.suffix for path in files}
    if len(kinds) != 1 or not kinds <= set(suffixes):
        raise FileFault(
            _lt("“%(path)s” must contain files of one type (%(suffixes)s)."),
            path=pattern,
            suffixes=", ".join(sorted(suffixes)),
        )
    return files

"""Verifies an exported audit log, with these files and ``cryptography`` alone.

    cd kpi_base/engine
    python -m audit LOG [--anchors FILE] [--public-key BASE64]

LOG is ``audit-log-….jsonl.gz``, or the same unpacked. The exit status is 0 where the
log is what was written, 1 where it is not, 2 where a file cannot be read.
"""

import argparse
import base64
import binascii
import gzip
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .anchor import Anchor, parse_anchor
from .canonical import AuditError
from .export import ExportedLog


def main() -> int:
    """Exit status; what was found goes to the standard output."""
    options = _parse()
    log = ExportedLog()
    try:
        for line in _lines(options.log):
            log.add(line)
        anchors = [
            parse_anchor(line)
            for line in (_lines(options.anchors) if options.anchors else ())
            if line.strip()
        ]
        key = base64.b64decode(options.public_key, validate=True)
    except (AuditError, OSError, EOFError, UnicodeError, binascii.Error) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    log.check(anchors, key)
    sys.stdout.writelines(f"{line}\n" for line in _report(log, anchors))
    return 1 if log.faults else 0


def _report(log: ExportedLog, anchors: Sequence[Anchor]) -> Iterator[str]:
    for fault in log.faults:
        of = f"{fault.model},{fault.res_id} " if fault.model else ""
        yield f"{fault.kind}: {of}{fault.seq}"
    covered = max((anchor.size for anchor in anchors), default=0)
    yield f"{log.size} entries of {log.chain_count} records, {len(log.faults)} faults"
    yield f"{covered} entries are covered by the anchors; later ones may be rewritten"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m audit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("log", type=Path)
    parser.add_argument("--anchors", type=Path, help="one anchor per line")
    parser.add_argument("--public-key", default="", help="whose signatures to believe")
    return parser.parse_args()


def _lines(path: Path) -> Iterator[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        yield from file


if __name__ == "__main__":
    sys.exit(main())

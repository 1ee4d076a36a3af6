"""The command ``mlquality``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_mlquality.errors import MLQualityError

KINDS = ("checks", "metrics", "settings", "marks")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0, or 1 where there is nothing to show or an error to read."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)  # type: ignore[no-any-return]  # set_defaults below
    except MLQualityError as error:
        print(f"mlquality: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader, such as head, has seen enough.
        sys.stderr.close()
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mlquality", description="Quality gates of machine-learning systems.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="show checks, metrics, settings and markers, with their meaning")
    listing.add_argument("kind", nargs="?", metavar="|".join(KINDS))
    listing.add_argument("word", nargs="?", help="only entries that contain this word")
    listing.set_defaults(run=_list)
    report = commands.add_parser("report", help="draw the reports anew from the evidence, also of a run cut short")
    report.add_argument("directory", nargs="?", type=Path, default=Path("ml-quality-report"))
    report.set_defaults(run=_report)
    return parser


def _list(options: argparse.Namespace) -> int:
    from pytest_mlquality.catalogue import entries

    kind, word = options.kind, options.word
    if kind is not None and kind not in KINDS:
        if word is not None:
            raise MLQualityError(f"{kind!r} is not one of {', '.join(KINDS)}", "mlquality list [KIND] [WORD]")
        kind, word = None, kind
    found = [entry for entry in entries(KINDS if kind is None else (kind,)) if entry.contains(word or "")]
    for entry in found:
        print(entry)
    if not found:
        print(f"nothing contains {word!r}", file=sys.stderr)
    return 0 if found else 1


def _report(options: argparse.Namespace) -> int:
    from pytest_mlquality.evidence import read_evidence
    from pytest_mlquality.gate.ledger import write_reports

    written, problems = write_reports(read_evidence(options.directory), options.directory)
    for line in [*map(str, written), *problems]:
        print(line)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())

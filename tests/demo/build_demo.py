"""Makes the demo catalogue's MARCXML files from its facts: `python tests/demo/build_demo.py [FOLDER]`.

The facts are the YAML files in `schemas/demo/facts`; the three XML files are written to `schemas/demo` or to FOLDER. The
same facts give the same bytes at every run, so the files are committed and a test compares them.
"""

import sys
from pathlib import Path

from demo_catalogue.authorities import authority_ids, authority_record, checked
from demo_catalogue.facts import read_facts, read_rows
from demo_catalogue.marc21 import Marc21Builder
from demo_catalogue.marcxml import FactError, collection_xml
from demo_catalogue.unimarc import UnimarcBuilder

SHIPPED = Path(__file__).resolve().parents[2] / "schemas" / "demo"


def build(target: Path) -> dict[str, int]:
    """Writes the three files into `target`; gives the number of records by file name. Raises FactError for a wrong fact."""
    facts = SHIPPED / "facts"
    rows = checked(read_rows(facts / "authorities.yaml"))
    ids = authority_ids(rows)
    files = {
        "biblios-marc21.xml": [Marc21Builder(own, ids).build() for own in read_facts(facts, "marc21-*.yaml")],
        "biblios-unimarc.xml": [UnimarcBuilder(own, ids).build() for own in read_facts(facts, "unimarc-*.yaml")],
        "authorities.xml": [authority_record(row, ids) for row in rows],
    }
    for name, records in files.items():
        (target / name).write_text(collection_xml(records), "utf-8")
    return {name: len(records) for name, records in files.items()}


def main() -> int:
    """Builds the files and tells how many records each holds; 1 when a fact is wrong."""
    try:
        counts = build(Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED)
    except FactError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    for name, count in counts.items():
        print(f"{name}: {count} records")
    return 0


if __name__ == "__main__":
    sys.exit(main())

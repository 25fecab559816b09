"""From a MARC record to its search document, by the rules of the field table.

`Extractor` turns the table into steps once (`indexer.steps`); a record then costs one pass over its fields. The same record
and table always give the same document: fields in the order of the table, values in the order of the record, each once per
field.

* A linked field in original script (MARC 21 880, UNIMARC $6 with $7) goes where the field it belongs to goes, but never into
  facets and sort keys (unless `vernacular_facets`). An 880 that names no field is found by `anywhere` only.
* `anywhere` gets every occurrence of the text fields once, and the identifiers. Source: indexing.md 3, 4.9 and our decisions.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from indexer.document import Document
from indexer.extraction_plan import LEADER, ExtractionPlan, SourceGroup, make_plan, narrowed
from indexer.field_spec import FORMATS
from indexer.fields import Database, FieldTable
from indexer.filling import fill, sort_keys
from indexer.functions.items import Item
from indexer.functions.status import is_deleted, is_suppressed
from indexer.gathering import FIELDS_REMEMBERED, LONGEST_FIELD, NEW, SOURCES_REMEMBERED, Field, Gathered, Known
from indexer.record import Format, Record
from indexer.record_view import ITEMS, SEE_FROM, Circumstances, Keyed, RecordView
from indexer.shaping import shaped
from indexer.steps import Step


class ExplainedValue(NamedTuple):
    """One value of a document: its field, the rule as written, the value as found, and what is kept of it."""

    field: str
    rule: str
    value: str
    key: str


class Extractor:
    """Makes documents of records; compiled from a field table. May be shared by threads and used by many processes.

    `current_year` ends the range of serials that still appear (the clock's year when it is not given).
    """

    def __init__(self, table: FieldTable, current_year: int | None = None) -> None:
        self.table = table
        self._analyser = table.analyser
        self._item_maps = table.config["items"]
        self._this_year = datetime.now(UTC).year if current_year is None else current_year
        vernacular_facets = bool(table.config["defaults"].get("vernacular_facets", False))
        self._plans: dict[tuple[Database, Format], ExtractionPlan] = {
            (database, form): make_plan(specs, form, vernacular_facets=vernacular_facets)
            for database, specs in table.fields.items()
            for form in FORMATS
        }
        self._narrow: dict[tuple[Database, Format, str], ExtractionPlan] = {}

    def document(
        self,
        record: Record,
        record_id: str,
        change: int,
        datestamp: datetime,
        hidden: str | None = None,
        control_number: str = "",
        control_org: str = "",
        source: str = "",
        items: Sequence[Item] | None = None,
        see_from: Mapping[str, Sequence[str]] | None = None,
        stored: Mapping[str, bytes] | None = None,
    ) -> Document:
        """The document of a record.

        `hidden` None means: as the record itself says (leader/05, suppression). A deleted record has no search fields. `items`
        None means: those of the record's item fields. `see_from`: authority id or folded heading -> variant headings, which
        go to `author_see` and `subject_see` (`authority_ids` says which ids a record has). Never raises on odd data.
        """
        if hidden is None:
            hidden = hidden_state(record)
        document = Document(record_id, change, datestamp, record.format, hidden, stored=dict(stored or {}))
        if hidden == "deleted":
            return document
        plan = self._plans[database_of(record), record.format]
        view = self._view(record, Circumstances(record_id, control_number, control_org, source, datestamp, items, see_from or {}))
        gathered = self._gather(plan, view)
        fill(document, gathered, plan)
        document.sorts = sort_keys(document, gathered, plan, self._analyser)
        return document

    def authority_ids(self, record: Record) -> list[str]:
        """Ids of the authority records that the record's headings name, in the forms under which they are stored."""
        plan = self._plans[database_of(record), record.format]
        gathered = Gathered(self._analyser)
        for field in record.fields:
            steps, pieces = shaped(plan, *field, record.format == "unimarc")
            for step in steps:
                if any(name == "authority_id" for name, *_ in step.keys):
                    gathered.add(step, step.values(pieces))
        return list(dict.fromkeys(gathered.keys["authority_id"]))

    def extract_field(
        self,
        record: Record,
        field: str,
        items: Sequence[Item] | None = None,
        see_from: Mapping[str, Sequence[str]] | None = None,
        record_id: str = "",
        control_number: str = "",
    ) -> list[list[str]]:
        """The occurrences of one text field, each a list of tokens: what `document` puts there, for checks at query time.

        The further arguments must be those of `document` for fields that depend on them (`anywhere` holds identifiers).
        Raises: KeyError for what is no text field.
        """
        place = database_of(record), record.format, field
        plan = self._narrow.get(place)
        if plan is None:
            whole = self._plans[place[:2]]
            if field not in whole.texts:
                raise KeyError(field)
            plan = self._narrow[place] = narrowed(whole, field)
        view = self._view(record, Circumstances(record_id, control_number, items=items, see_from=see_from or {}))
        found = dict.fromkeys(self._gather(plan, view).text[field])
        return [occurrence.split(" ") for occurrence in found]

    def items(self, record: Record) -> Sequence[Item]:
        """The copies that the record's item fields tell of, in record order."""
        return self._view(record, Circumstances("")).items

    def explain(self, record: Record) -> list[ExplainedValue]:
        """Which rule put which value where, in the order in which it happened. `anywhere` is left out: it has everything."""
        plan = self._plans[database_of(record), record.format]
        number = record.control("001").strip()
        view = self._view(record, Circumstances(number, control_number=number))
        told: list[ExplainedValue] = []
        fields = (shaped(plan, *field, view.is_unimarc) for field in record.fields)
        for steps, pieces in ((plan.leader, ("", f" {record.leader}")), *fields):
            for step in steps:
                for value in step.values(pieces):
                    for field, rule in step.rules:
                        told.extend(ExplainedValue(field, rule, value, key) for key in self._kept(step, field, value))
        for source, step in (member for group in _asked(plan, view) for member in group.members):
            for found in source.values(view):
                value = found.shown if isinstance(found, Keyed) else str(found)
                for field, rule in step.rules:
                    kept = (found.key,) if isinstance(found, Keyed) else self._kept(step, field, value)
                    told.extend(ExplainedValue(field, rule, value, key) for key in kept)
        return told

    def _kept(self, step: Step, field: str, value: str) -> tuple[str, ...]:
        for name, normalise, *_ in step.keys:
            if name == field:
                return normalise(value)
        if field in step.words or field in step.twins:
            occurrence = self._analyser.occurrence(value)
            return (occurrence,) if occurrence else ()
        return (value.strip(),) if value.strip() else ()

    def _view(self, record: Record, circumstances: Circumstances) -> RecordView:
        return RecordView(record, circumstances, database_of(record), self._analyser, self._this_year, self._item_maps)

    def _gather(self, plan: ExtractionPlan, view: RecordView) -> Gathered:
        gathered = Gathered(self._analyser)
        known, idle, unimarc = plan.known, plan.fields.idle, view.is_unimarc
        if len(known) > FIELDS_REMEMBERED:
            known.clear()
        if plan.leader:
            self._add_leader(plan, view.leader, gathered)
        for field in view.record.fields:
            tag, body = field
            if tag in idle:
                continue
            found = known.get(field, NEW)
            if found is NEW:
                steps, pieces = shaped(plan, tag, body, unimarc)
                if steps:
                    gathered.add_field(steps, pieces)
                    if len(body) <= LONGEST_FIELD and not plan.has_firsts:
                        known[field] = None
                continue
            if found is None:
                found = known[field] = self._found_in(plan, field, unimarc)
            gathered.add_known(found)
        self._ask(plan, view, gathered)
        for name, step, value in plan.defaults:
            if not gathered.has(name):
                gathered.add(step, [value])
        return gathered

    def _add_leader(self, plan: ExtractionPlan, leader: str, gathered: Gathered) -> None:
        """The leader as a field like others; its lengths are left out, so that it comes again and again."""
        field = LEADER, f"     {leader[5:12]}     {leader[17:24]}"
        found = plan.known.get(field)
        if found is None:
            alone = Gathered(self._analyser)
            alone.add_field(plan.leader, ("", f" {field[1]}"))
            found = plan.known[field] = alone.as_known()
        gathered.add_known(found)

    def _found_in(self, plan: ExtractionPlan, field: Field, unimarc: bool) -> Known:
        alone = Gathered(self._analyser)
        alone.add_field(*shaped(plan, *field, unimarc))
        return alone.as_known()

    def _ask(self, plan: ExtractionPlan, view: RecordView, gathered: Gathered) -> None:
        """Takes in what the special functions say."""
        for group in _asked(plan, view):
            key = None if group.key is None else group.key(view)
            if key is None:
                _add_sources(group, view, gathered)
                continue
            known = group.known.get(key)
            if known is None:
                alone = Gathered(self._analyser)
                _add_sources(group, view, alone)
                known = alone.as_known()
                if len(group.known) >= SOURCES_REMEMBERED:
                    group.known.clear()
                group.known[key] = known
            gathered.add_known(known)


def database_of(record: Record) -> Database:
    """The database that a record belongs to; holdings records are found among the bibliographic ones."""
    return "authorities" if record.kind == "authority" else "biblios"


def hidden_state(record: Record) -> str:
    """What the record says of itself: "deleted", "suppressed" or "" (live)."""
    if is_deleted(record.leader, authority=record.kind == "authority"):
        return "deleted"
    return "suppressed" if is_suppressed(record) else ""


def _asked(plan: ExtractionPlan, view: RecordView) -> list[SourceGroup]:
    """The special functions that this record needs."""
    present = set(view.fields)
    if view.items:
        present.add(ITEMS)
    if view.circumstances.see_from:
        present.add(SEE_FROM)
    return [group for group in plan.sources if not group.needs or not group.needs.isdisjoint(present)]


def _add_sources(group: SourceGroup, view: RecordView, gathered: Gathered) -> None:
    for values, add, step in group.calls:
        if found := values(view):
            add(gathered, step, found)

"""Reading and writing MARC records: ISO 2709, MARCXML and MARC-in-JSON, in MARC 21 and UNIMARC.

    expand(paths) -> files -> read_file(path, profile) -> Read | Rejected | Skipped
                              preview(path, profile)   -> count and id hashes, for progress bars and double ids

`SourceProfile` says what is known of a source. `decode`, `decode_marcxml` and `decode_json` take one record; `to_iso2709`,
`to_marcxml` and `to_json` write one. `pack`, `unpack` and `content_hash` serve the record store. Damage in a file costs the
damaged record and no other one.
"""

from indexer.marc.first_pass import Preview, preview
from indexer.marc.identity import classify, id_hash, identify
from indexer.marc.iso2709 import DoesNotFit, decode, to_iso2709
from indexer.marc.marcjson import decode_json, to_json
from indexer.marc.marcxml import leader_of_own_marcxml, parse_own_marcxml, to_marcxml
from indexer.marc.marcxml_reader import decode_marcxml
from indexer.marc.outcomes import BadRecord, Identity, Outcome, Read, Reason, Rejected, Skipped, Warned
from indexer.marc.profile import SourceProfile, UnusableSource
from indexer.marc.reading import read_file
from indexer.marc.sources import expand
from indexer.marc.storing import content_hash, pack, unpack

__all__ = [
    "BadRecord",
    "DoesNotFit",
    "Identity",
    "Outcome",
    "Preview",
    "Read",
    "Reason",
    "Rejected",
    "Skipped",
    "SourceProfile",
    "UnusableSource",
    "Warned",
    "classify",
    "content_hash",
    "decode",
    "decode_json",
    "decode_marcxml",
    "expand",
    "id_hash",
    "identify",
    "leader_of_own_marcxml",
    "pack",
    "parse_own_marcxml",
    "preview",
    "read_file",
    "to_iso2709",
    "to_json",
    "to_marcxml",
    "unpack",
]

"""CQL, the Contextual Query Language: text -> tree -> engine-neutral plan.

This package knows nothing of HTTP, XML libraries, engines or databases.

    text --(lexer, lenient, parser)--> tree --(planner)--> plan --(matcher, or an engine's adapter)--> records
                    |                   |         |
               complaints            xcql    names, relations, wording, values, proximity, sorting, stems

`diagnostics` is everything that can be wrong, `indexes` the shape of the index table, `scanning` the browse clause,
`outline` a plan as text for people, `word_forms` a plan with words in the place of stems, which engines do not know.
`python -m cql` parses JSON lines, and `parse` is the same for one query.
"""

from typing import Any, Literal


def parse(query: str, mode: Literal["strict", "lenient"] = "strict") -> dict[str, Any]:
    """The tree of a query as plain data, `{"ast": ..., "sort": [...]}`, or what is wrong with it: `diag`, `details`, `message`, `offset`.

    Says what `python -m cql` says (the SRU page, 13.4). Code that goes on with the tree takes `cql.parser.parse`, which raises.
    """
    from cql.diagnostics import CqlError
    from cql.parser import parse as read
    from cql.tree import to_dict

    try:
        return to_dict(read(query, mode))
    except CqlError as error:
        return error.to_dict()

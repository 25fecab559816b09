"""CQL, the Contextual Query Language: text -> tree -> engine-neutral plan.

This package knows nothing of HTTP, XML libraries, engines or databases.

    text --(lexer, lenient, parser)--> tree --(planner)--> plan --(matcher, or an engine's adapter)--> records
                    |                   |         |
               complaints            xcql    names, relations, wording, values, proximity, sorting

`diagnostics` is everything that can be wrong, `indexes` the shape of the index table, `scanning` the browse clause,
`outline` a plan as text for people. `python -m cql` parses JSON lines.
"""

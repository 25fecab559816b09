"""What the standards ask for beyond picking subfields: numbers, years, codes, shelf keys, sort titles, items.

Every module holds plain functions over strings and lists. None knows the field table or an engine, none reads the clock
(the current year is a parameter), none raises on bad data: what cannot be read gives an empty answer.

| module | indexing.md | gives |
|---|---|---|
| `numbers` | 4.3 | ISBN, ISSN, LCCN, OCLC number, control number, DOI, other numbers |
| `normalisers` | 3, 4.3 | name -> function that both documents and query terms of a key field go through |
| `years`, `dates` | 4.4, 4.10 | year of publication and its range; dates as yyyymmdd integers |
| `languages`, `relators` | 4.5 | codes, their names, and the way from names to codes |
| `formats`, `codes` | 4.6, 3 | format vocabulary; audience, literary form, contents, issuance, country |
| `callnumbers` | 4.7 | shelf keys and classes |
| `titles`, `punctuation` | 2, 4.1, 4.2 | non-filing characters, sort titles, closing punctuation |
| `coordinates` | 4.9 | bounding boxes |
| `vernacular` | 4.9 | 880 and other fields in original script |
| `items`, `holdings` | 4.11 | copies and their availability; statements of what a library has |
| `status` | 4.10 | deleted and suppressed records |
| `pipes` | 2 | the pipe functions of the field table |
| `shapes`, `code_lists` | | fields by tag; the code lists of `schemas/` |
"""

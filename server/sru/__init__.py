"""SRU: search and retrieve by URL, versions 1.1, 1.2 and 2.0, over the databases `biblios` and `authorities`.

| address | database |
|---|---|
| `/sru`, `/sru/biblios`, `/biblios` | bibliographic records |
| `/sru/authorities`, `/authorities` | authority records |
| `/sru/explain.html` | leads to the description as a page |
| `/stylesheets/{name}` | the stylesheets that answers name, and their style sheet |

| parameter | operation | meaning |
|---|---|---|
| `operation`, `version` | all | optional; an answer without `version` is 2.0 |
| `query`, `queryType` | searchRetrieve | CQL; `queryType=searchTerms` (2.0) takes words as people type them |
| `startRecord`, `maximumRecords` | searchRetrieve | window, 1-based |
| `recordSchema` | searchRetrieve | short name or identifier of a record schema |
| `recordPacking` (1.x), `recordXMLEscaping` (2.0) | explain, searchRetrieve | xml or string |
| `sortKeys` | searchRetrieve | `path,schema,ascending,caseSensitive,missingValue ...` |
| `facetLimit`, `facetStart`, `facetSort`, `facetCount` (2.0) | searchRetrieve | facets, in any version |
| `resultSetTTL` | searchRetrieve | seconds for which a result set is wanted (`result_sets`) |
| `scanClause`, `responsePosition`, `maximumTerms` | scan | stretch of a term list |
| `stylesheet`, `httpAccept`, `renderedBy` (2.0) | all | how the answer looks |
| `x-indent=1`, `x-lang=sv` | all | line breaks; language of pages |
| `x-analyse=1`, `x-explain-query=1` | searchRetrieve | hits of each clause; how the query was understood |

GET and POST (form) are the same. Errors are SRU diagnostics with HTTP 200, except: unknown database 404, wrong method 405, media
type that is not offered 406, SOAP 415, too many requests 429, engine down 503.

Decisions: the envelope has the prefix `zs`, as YAZ and Koha's servers write it. Result sets are names of searches, signed and
stored nowhere (`result_sets` says why). Results are ordered by relevance when the query searches text, otherwise last
modified first, ties by record id. Browsers that navigate get HTML made by the stylesheet here, because browsers are taking XSLT
out; every other caller gets XML that names the stylesheet. Forms of words (relation modifier `stem`) are looked up in the word
list of the index, so explain announces the modifier with every index that has one.

Source: SRU 1.1 and 1.2 (Library of Congress), OASIS searchRetrieve 1.0.
"""

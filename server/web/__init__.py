"""Pages for people, and health for machines.

| address | gives |
|---|---|
| `/` | search box and addresses to click |
| `/status` | what works and what does not |
| `/docs`, `/docs/{name}` | the manual: guides, indexes, settings, protocols |
| `/record/{id}` | leads to the page of a record, bibliographic or authority |
| `/explain-query` | a page to write a query on; with `query` (and `database`) it leads to the explanation |
| `/opensearch.xml` | how browsers, feed readers and portals search here (OpenSearch 1.1 description) |
| `/health/live` | 200 while the process answers |
| `/health/ready` | 200 when searches can be served, 503 otherwise; JSON with the parts |
| `/static/{name}` | stylesheet and pictures of the pages |

Pages are in English and Swedish: `lang=sv` in the address, else the browser's wish. `/health/ready` never names addresses,
paths or passwords; it may be public.
"""

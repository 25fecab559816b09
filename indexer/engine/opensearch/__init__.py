"""The OpenSearch engine: OpenSearch 2.19 and 3, one node or many, no plugin but those that come with it.

| module | job |
|---|---|
| `connections`, `cluster` | nodes and requests; what errors mean. The only modules that see HTTP |
| `layout`, `collection` | names and mappings of the field table; which indexes belong to a collection, and which are in use |
| `documents`, `terms`, `bulk`, `writing` | documents and browse lists as they are sent, again and again if need be; commits |
| `translate`, `places`, `patterns` | plans as queries |
| `searching`, `paging`, `lookup`, `browsing`, `facets`, `inspection` | answers |

Our decisions:

* An index gets its mappings and settings from the field table when it is made, and keeps a copy of the table in `_meta`. There is no
  index template: it would be a second copy that can disagree, and nothing else may make indexes under our names.
* The alias says which indexes are in use; a rebuild moves it in one step. Requests name the index itself, so that what is asked and
  the mapping by which it is asked belong together; the alias is looked at again every few seconds and whenever an index is gone.
* A part of an answer is no answer: when a shard is missing, the search is refused (`EngineUnavailable`).
* Searches are not tried again when they took too long; other requests are, where the same request twice does no harm.
* Certificates of https addresses are checked against the system's, or those that SSL_CERT_FILE names.
"""

from indexer.engine.opensearch.cluster import ClusterSettings
from indexer.engine.opensearch.engine import OpenSearchEngine
from indexer.engine.port import Engine, ExtractField, RebuiltEngine
from indexer.schema import CollectionSchema

__all__ = ["ClusterSettings", "open_opensearch", "open_opensearch_rebuild"]


def open_opensearch(
    cluster: ClusterSettings, schema: CollectionSchema, *, writable: bool = False, extract_field: ExtractField | None = None
) -> Engine:
    """The collection of a schema in an OpenSearch cluster, to be closed by the caller. Nothing is asked before the first call.

    Arguments as those of `indexer.engine.open_engine`. Raises: EngineError when the address cannot be used.
    """
    return OpenSearchEngine(cluster, schema, writable=writable, extract_field=extract_field)


def open_opensearch_rebuild(cluster: ClusterSettings, schema: CollectionSchema) -> RebuiltEngine:
    """An empty collection beside the live one; see `indexer.engine.open_rebuild`."""
    return OpenSearchEngine(cluster, schema, beside=True)

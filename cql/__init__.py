"""CQL, the Contextual Query Language: text -> tree -> engine-neutral plan.

This package knows nothing of HTTP, XML libraries, engines or databases.
"""

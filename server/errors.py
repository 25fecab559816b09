"""What can go wrong, in domain words.

Each class is one thing that a caller or an operator can act on. Rooms turn them into their own codes, numbers and HTTP
statuses; nothing of HTTP stands here. (What can be wrong with a CQL query is told by `cql.diagnostics`.)

    DiscoveryError
    +- BadParameter            a parameter with a value that cannot be read (name, value)
    |  +- MissingParameter     a mandatory one is not there (name)
    |  +- BadEncoding          bytes that are not UTF-8, or characters that no answer can carry (name)
    +- UnsupportedMediaType    a request body of a kind that is not read here
    +- NotAcceptable           an answer is wanted in a form that is not offered
    +- BodyTooLarge            a request body over the limit (limit_bytes)
    +- NotFound
    |  +- RecordNotFound       (record_id)
    |  +- UnknownDatabase      (database)
    |  +- UnknownAddress       no room lives there (path)
    +- MethodNotAllowed        the address is right, the HTTP method is not (method)
    +- QueryTooExpensive       the question needs more work than the limits allow
    +- Unavailable             trying again later may help
    |  +- EngineUnavailable
    |  +- DatabaseUnavailable
    |  +- TimedOut             the whole request took too long
    |  +- TooManyRequests      this caller asks too often
    |  +- Overloaded           everybody together asks more at a time than one process does
    +- CannotStart             the installation is not ready; the sentence says what to do
    +- InternalError           our own mistake; the log knows more under the request id
"""


class DiscoveryError(Exception):
    """Something that can be explained to a person.

    `sentence` is whole, with the offending value and, if known, a near match, and nothing internal (SQL, paths, engine
    JSON) in it. `details`: the same facts for machines, by name.
    """

    def __init__(self, sentence: str, **details: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details


class BadParameter(DiscoveryError):
    """A parameter has a value that cannot be read. Details: name, value."""


class MissingParameter(BadParameter):
    """A mandatory parameter is missing. Details: name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The parameter `{name}` is missing.", name=name)


class BadEncoding(BadParameter):
    """A parameter is not UTF-8, or holds characters that no answer can carry. Details: name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The parameter `{name}` is not UTF-8 text, or holds control characters.", name=name)


class UnsupportedMediaType(DiscoveryError):
    """The request's body is of a kind that is not read here. Details: media_type."""


class NotAcceptable(DiscoveryError):
    """The caller wants an answer in a form that is not offered. Details: wanted."""


class BodyTooLarge(DiscoveryError):
    """The request's body is over the limit. Details: limit_bytes."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The request is longer than {limit_bytes} bytes.", limit_bytes=limit_bytes)


class NotFound(DiscoveryError):
    """What was asked for is not here."""


class RecordNotFound(NotFound):
    """No live record has this id. Details: record_id."""

    def __init__(self, record_id: str) -> None:
        super().__init__(f"There is no record {record_id!r}.", record_id=record_id)


class UnknownDatabase(NotFound):
    """No database has this name. Details: database."""

    def __init__(self, database: str) -> None:
        super().__init__(f"There is no database {database!r}.", database=database)


class UnknownAddress(NotFound):
    """No room lives at this address. Details: path."""


class MethodNotAllowed(DiscoveryError):
    """The address is right, the HTTP method is not. `allowed`: the methods that are possible, sorted."""

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{method} is not possible here; possible are {', '.join(allowed)}.", method=method)
        self.allowed = allowed


class QueryTooExpensive(DiscoveryError):
    """The question needs more work than the limits allow."""


class Unavailable(DiscoveryError):
    """Cannot be done now; trying again in `retry_after_s` seconds may help."""

    retry_after_s = 5


class EngineUnavailable(Unavailable):
    """The search engine is down, busy or too slow."""


class DatabaseUnavailable(Unavailable):
    """PostgreSQL is down, busy or too slow."""


class TimedOut(Unavailable):
    """The whole request took longer than the limit."""


class TooManyRequests(Unavailable):
    """The caller asks too often."""


class Overloaded(Unavailable):
    """Everybody together asks more at a time than one process does."""

    retry_after_s = 10


class CannotStart(DiscoveryError):
    """The installation is not ready; the sentence says what to do."""


class InternalError(DiscoveryError):
    """Our own mistake. Details: request_id, under which the log tells more."""

    def __init__(self, request_id: str) -> None:
        super().__init__(f"Something went wrong here. Please report it with the number {request_id}.", request_id=request_id)

"""The one configuration place: every setting, its default, its limits and its meaning.

Precedence: command line, environment (`HYLLA_` and `__` for the dot), YAML file (`--config FILE` or `HYLLA_CONFIG`), default.
All mistakes are told at once, one sentence each. `Settings(...)` in a test reads neither environment nor file; everybody
else calls `load_settings`.
"""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast, get_args
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo

from server.item_settings import ItemSettings
from server.oai_settings import OaiSettings
from server.setting_types import Section
from server.source_settings import Sources

PROGRAM = "hylla"
PREFIX = f"{PROGRAM.upper()}_"
NOT_SETTINGS = ("HYLLA_CONFIG", "HYLLA_TEST_", "HYLLA_SHARED_DATA")
SECRET_BYTES = 32
Database = Literal["biblios", "authorities"]
DATABASES: tuple[Database, ...] = ("biblios", "authorities")
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own name


def release() -> str:
    """The installed release, such as "1.2.0"; "unreleased" when the source runs without being installed."""
    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return "unreleased"


class SettingsError(Exception):
    """The configuration cannot be used. `problems`: one whole sentence per mistake, never empty."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _listed(value: Any) -> Any:
    """Lists may be written as one text with commas or blanks, as in an environment variable."""
    return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value


def _secrets(value: Any) -> Any:
    if isinstance(value, str | SecretStr):
        return [value] if value else []
    return value


def _long_enough(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if any(len(key.get_secret_value().encode()) < SECRET_BYTES for key in keys):
        raise ValueError(f"each key needs at least {SECRET_BYTES} bytes; `openssl rand -hex 32` makes one")
    return keys


def _network(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is no address or network such as 10.0.0.1 or 10.0.0.0/8") from None


def _web_address(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("it must be an http or https address without query, such as https://catalogue.example.org")
    return value.rstrip("/")


def _database_address(value: str) -> str:
    if value and urlsplit(value).scheme not in {"postgresql", "postgres"}:
        raise ValueError("it must be a PostgreSQL address such as postgresql://user:password@host:5432/hylla, or empty")
    return value


def _node_addresses(value: str) -> str:
    parts = [address for one in value.split(",") if (address := one.strip())]
    for part in parts:
        _web_address(part)
    if not parts:
        raise ValueError("it must name at least one OpenSearch node, such as http://127.0.0.1:9200")
    return value


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


def _some_path(value: Any) -> Any:
    if value == "":
        raise ValueError("it must name a folder")
    return value


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
OptionalPath = Annotated[Path | None, BeforeValidator(_empty_is_none)]
Port = Annotated[int, Field(ge=0, le=65535)]


class DatabaseSettings(Section):
    """PostgreSQL, where everything is kept that must not be lost."""

    url: Annotated[str, AfterValidator(_database_address)] = Field(
        default="", description="PostgreSQL 15 or newer, postgresql://user:password@host:5432/name; empty: a private server under data_dir"
    )
    pool_size: int = Field(default=10, ge=1, le=500, description="connections per process, at most")
    connect_timeout_s: float = Field(default=10.0, gt=0, description="seconds before a connection attempt is given up")
    statement_timeout_s: float = Field(default=30.0, gt=0, description="seconds before a statement of a request is given up")
    binaries: OptionalPath = Field(default=None, description="folder with initdb and pg_ctl for the private server; empty: look for them")


class EngineSettings(Section):
    """The search engine, which can be rebuilt from PostgreSQL at any time."""

    kind: Literal["embedded", "opensearch"] = Field(default="embedded", description="embedded: in the process, files under data_dir")
    url: Annotated[str, AfterValidator(_node_addresses)] = Field(
        default="http://127.0.0.1:9200", description="OpenSearch nodes, separated by commas"
    )
    user: str = Field(default="", description="user name at OpenSearch; empty: none")
    password: SecretStr = Field(default=SecretStr(""), description="password at OpenSearch")
    prefix: str = Field(
        default="hylla", pattern=r"^[a-z][a-z0-9_-]*$", max_length=100, description="start of the names of our collections in OpenSearch"
    )
    shards: int = Field(default=1, ge=1, le=1024, description="primary shards of a new OpenSearch collection")
    replicas: int = Field(default=0, ge=0, le=16, description="copies of each shard; 1 or more in a cluster")
    timeout_s: float = Field(default=10.0, gt=0, description="seconds before a search is given up")
    writer_memory_mb: int = Field(default=48, ge=15, le=4096, description="memory of the embedded engine while it writes")


class Z3950Settings(Section):
    """The Z39.50 listener."""

    enabled: bool = Field(default=False, description="listen for Z39.50 clients")
    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: Port = Field(default=9999, description="TCP port")


class MetricsSettings(Section):
    """Figures for Prometheus, on an address of their own."""

    enabled: bool = Field(default=True, description="serve /metrics")
    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on; loopback keeps it private")
    port: Annotated[Port | None, BeforeValidator(_empty_is_none)] = Field(
        default=None, description="TCP port; empty: port + 1000, and none at all when that one is taken"
    )


class SruLimits(Section):
    """How much one query may ask."""

    query_characters: int = Field(default=65_536, ge=100, description="longest query (diagnostic 12)")
    term_characters: int = Field(default=8_192, ge=10, description="longest term (diagnostic 23)")
    booleans: int = Field(default=1_000, ge=1, description="most boolean operators (diagnostic 38)")
    nesting: int = Field(default=200, ge=5, description="deepest nesting of parentheses (diagnostic 13)")
    masks: int = Field(default=20, ge=1, description="most masking characters in one term (diagnostic 30)")
    time_s: float = Field(default=10.0, gt=0, description="seconds before a search is given up (diagnostic 2 or 48)")


class SruTitles(Section):
    """What explain calls the databases."""

    biblios: str = Field(default="Library catalogue", min_length=1, description="bibliographic records")
    authorities: str = Field(default="Authority records", min_length=1, description="authority records")


class SruSettings(Section):
    """Search and retrieve by URL."""

    page_size: int = Field(default=10, ge=0, le=1000, description="records per answer when the caller does not say")
    maximum_records: int = Field(default=1000, ge=1, le=10_000, description="most records per answer")
    scan_terms: int = Field(default=20, ge=1, le=1000, description="terms per scan when the caller does not say")
    maximum_terms: int = Field(default=1000, ge=1, le=10_000, description="most terms per scan")
    cql_lenient: bool = Field(default=False, description="repair what people type; off: CQL to the letter")
    result_set_s: int = Field(default=3_600, ge=0, le=604_800, description="most seconds that a result set is kept; 0: none are")
    stylesheet: str = Field(default="/stylesheets/sru.xsl", description="default stylesheet of answers in a browser; empty: none")
    stylesheet_hosts: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        default=(), description="other hosts that `stylesheet` may name"
    )
    titles: SruTitles = Field(default=SruTitles(), description="names of the databases")
    limits: SruLimits = Field(default=SruLimits(), description="limits of one query")


class LoadSettings(Section):
    """Taking records in."""

    batch_size: int = Field(default=500, ge=1, le=50_000, description="records per PostgreSQL transaction")
    commit_every: int = Field(default=100_000, ge=1, description="records after which the engine makes them durable and visible")
    workers: int = Field(default=0, ge=0, le=256, description="processes that make documents; 1: the loader alone; 0: one a processor")
    max_record_bytes: int = Field(default=16 * 1024 * 1024, ge=1024, description="longer records are quarantined")


class LogSettings(Section):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="lowest level that is written")
    format: Literal["auto", "text", "json"] = Field(default="auto", description="auto: text on a terminal, else one JSON object per line")
    parameters: bool = Field(default=True, description="write the parameters of requests, except secrets and patron data")


class Settings(Section):
    """Every setting of an installation."""

    library_name: str = Field(default="Hylla", min_length=1, description="shown on the start page")
    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on; 0.0.0.0 for all")
    port: Port = Field(default=8080, description="TCP port of all HTTP rooms; 0: any free one")
    data_dir: Annotated[Path, BeforeValidator(_some_path)] = Field(
        default=Path("data"), description="folder of everything that is kept on disk; relative to where the command is started"
    )
    public_url: WebAddress = Field(default="", description="address by which the world knows this server; empty: taken from each request")
    production: bool = Field(default=False, description="refuse to start with what only suits a trial")
    secret_key: Annotated[tuple[SecretStr, ...], BeforeValidator(_secrets), AfterValidator(_long_enough)] = Field(
        default=(),
        description="at least 32 bytes, or a list (newest first) while it is being changed; empty: made and kept under data_dir",
    )
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(_listed)] = Field(
        default=(), description="addresses or networks whose X-Forwarded headers are believed"
    )
    fields_file: OptionalPath = Field(default=None, description="own field table, laid over the shipped one key by key")
    workers: int = Field(default=1, ge=1, le=256, description="processes of `hylla serve`")
    request_timeout_s: float = Field(default=60.0, gt=0, description="seconds before a request is given up")
    max_body_bytes: int = Field(default=1024 * 1024, ge=1024, description="longest request body")
    database: DatabaseSettings = Field(default=DatabaseSettings(), description="PostgreSQL")
    engine: EngineSettings = Field(default=EngineSettings(), description="search engine")
    z3950: Z3950Settings = Field(default=Z3950Settings(), description="Z39.50 listener")
    metrics: MetricsSettings = Field(default=MetricsSettings(), description="figures for Prometheus")
    sru: SruSettings = Field(default=SruSettings(), description="search and retrieve by URL")
    oai: OaiSettings = Field(default=OaiSettings(), description="OAI-PMH provider")
    items: ItemSettings = Field(default=ItemSettings(), description="item fields in records")
    sources: Sources = Field(default=(), description="repositories that `harvest` takes records from by OAI-PMH, each with the keys below")
    load: LoadSettings = Field(default=LoadSettings(), description="taking records in")
    log: LogSettings = Field(default=LogSettings(), description="log")

    @model_validator(mode="after")
    def _rules_without_items(self) -> Self:
        """Koha's rules see item fields only where they are told to (oai-pmh.md 8)."""
        unseen = {} if self.oai.auto_update_sets_embed_items else self.items.tags()
        for one in self.oai.sets:
            one.see_without(unseen)
        return self

    def folder(self, name: str) -> Path:
        """The folder `name` under `data_dir`, made if needed. Raises OSError.

        A root's `data_dir` may be walked through (not listed) by others, because the private PostgreSQL below it
        runs as an unprivileged user; anybody else's is closed.
        """
        data_dir = self.data_dir.absolute()
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        try:
            data_dir.mkdir()
            data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
        except FileExistsError:
            pass  # a file in its place is found out by the next line
        folder = data_dir / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def leaves(model: type[BaseModel] = Settings, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """(path, field) of every single setting, in the order of the classes; sections are walked through, not given."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from leaves(field.annotation, (*path, name))
        else:
            yield (*path, name), field


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting must never be shown."""
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def masked(address: str) -> str:
    """An address with the password in it starred."""
    return re.sub(r"(://[^:/@\s]*:)[^@\s]*@", r"\1***@", address)


def variable(path: tuple[str, ...]) -> str:
    """The environment variable of a setting."""
    return PREFIX + "__".join(path).upper()


def share_metrics(folder: Path) -> None:
    """Lets this process and those it forks count together, through files in an empty `folder`.

    prometheus_client decides when it is imported, so this must run before `server.telemetry` is.
    """
    os.environ[SHARED_METRICS] = str(folder)


def metrics_are_shared() -> bool:
    """Whether several processes count together."""
    return SHARED_METRICS in os.environ


def load_settings(config: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings in force.

    `config`: YAML file; None: the one of `HYLLA_CONFIG`, if any. `overrides`: dotted key -> value, from the command line.
    Raises: SettingsError with all problems of all sources.
    """
    named = str(config) if config else os.environ.get("HYLLA_CONFIG", "")
    problems: list[str] = []
    merged = _read_file(Path(named), problems) if named else {}
    known = {variable(path): path for path, _ in leaves()}
    for name, path in known.items():
        if name in os.environ:
            _lay_over(merged, _tree(path, os.environ[name]))
    for key, value in (overrides or {}).items():
        _lay_over(merged, _tree(tuple(key.split(".")), value))
    strange = [name for name in os.environ if name.startswith(PREFIX) and name not in known and not name.startswith(NOT_SETTINGS)]
    problems += [f"The environment variable {name} is no setting.{_did_you_mean(name, list(known))}" for name in sorted(strange)]
    settings = None
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        problems += [_sentence(one, overrides or {}, named) for one in error.errors(include_url=False)]
    if problems or settings is None:
        raise SettingsError(problems)
    return settings


def _read_file(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_bytes())
    except OSError as error:
        problems.append(f"The configuration file {path} cannot be read: {error.strerror}.")
        return {}
    except yaml.YAMLError as error:
        problems.append(f"The configuration file {path} is not YAML: {' '.join(str(error).split())}.")
        return {}
    if content is None:
        return {}
    if not isinstance(content, dict):
        problems.append(f"The configuration file {path} must hold keys and values, such as `port: 8080`.")
        return {}
    cleaned: dict[str, Any] = {}
    _lay_over(cleaned, content)
    return cleaned


def _tree(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    for name in reversed(path):
        value = {name: value}
    return cast("dict[str, Any]", value)


def _lay_over(base: dict[str, Any], upper: Mapping[Any, Any]) -> None:
    """Puts the values of `upper` over those of `base`. An empty value in YAML (`engine:`) means "not set"."""
    for key, value in upper.items():
        name = str(key)
        if isinstance(value, Mapping):
            if not isinstance(base.get(name), dict):
                base[name] = {}
            _lay_over(base[name], value)
        elif value is not None:
            base[name] = value


def _did_you_mean(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f" Did you mean {near[0]}?" if near else " `hylla config --sample` lists them all."


def _sentence(error: Any, overrides: Mapping[str, Any], file: str) -> str:
    """One mistake in one sentence: key, value, where it was written, and what is allowed."""
    all_fields = dict(leaves())
    path = tuple(str(part) for part in error["loc"])
    own = next((path[:length] for length in range(len(path), 0, -1) if path[:length] in all_fields), path)
    leaf = ".".join(own)
    key = ".".join(path) if len(path) > len(own) + 1 else leaf  # sources.0.base_url, but trusted_proxies
    if any(one == leaf or one.startswith(f"{leaf}.") for one in overrides):
        place = "the command line"
    elif variable(own) in os.environ:
        place = f"the environment variable {variable(own)}"
    else:
        place = file or "the call"
    if error["type"] == "extra_forbidden":
        near = [] if own in all_fields else [".".join(one) for one in all_fields]
        return f"There is no setting {key} (in {place}).{_did_you_mean(key, near)}"
    is_hidden = (own in all_fields and is_secret(all_fields[own])) or "headers" in path
    said = "***" if is_hidden else masked(repr(error["input"]))
    rule = str(error["msg"]).removeprefix("Value error, ")
    rule = rule.replace("Input should be", "it must be").replace("String should", "it must")
    return f"{key} is {said} (in {place}), but {rule}."

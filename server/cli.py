"""The commands. Everything else is imported when a command needs it, so that `--help` is instant.

Exit codes: 0 done; 1 could not be done, one sentence on standard error says why; 2 the command line or the configuration is
wrong; 130 stopped by Ctrl-C.
"""

import logging
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.exceptions import TyperException

if TYPE_CHECKING:
    from server.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Discovery server for libraries: MARC records in; SRU and OAI-PMH out.",
)
fields_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The field table: what is searchable, and how.")
app.add_typer(fields_app, name="fields")
oai_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="OAI-PMH: sets, and a check of the own endpoint.")
app.add_typer(oai_app, name="oai")


@dataclass(slots=True)
class GlobalOptions:
    """What stands before the command. `values`: dotted setting key -> value as written."""

    config: Path | None = None
    values: dict[str, Any] = field(default_factory=dict)


def settings_of(context: typer.Context, **own: Any) -> "Settings":
    """The settings in force for a command; `own` are its options by setting key, None where not given.

    Raises: SettingsError.
    """
    from server.settings import load_settings

    given: GlobalOptions = context.obj
    settings = load_settings(given.config, given.values | {key: value for key, value in own.items() if value is not None})
    if settings.log.level == "debug":
        logging.basicConfig(level=logging.DEBUG)
    return settings


def _version(is_wanted: bool) -> None:
    if is_wanted:
        from server.settings import PROGRAM, release

        typer.echo(f"{PROGRAM} {release()}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", "-c", help="YAML file with settings.", metavar="FILE")] = None,
    data_dir: Annotated[str | None, typer.Option(help="Folder of everything that is kept on disk.", metavar="DIR")] = None,
    port: Annotated[str | None, typer.Option(help="TCP port of the server.", metavar="N")] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="Any setting, e.g. engine.kind=opensearch.", metavar="KEY=VALUE")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Show the release.", callback=_version, is_eager=True)] = False,
) -> None:
    """Reads what stands before the command."""
    values: dict[str, Any] = {"data_dir": data_dir, "port": port}
    values = {key: value for key, value in values.items() if value is not None}
    for assignment in assignments or []:
        key, equals, value = assignment.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{assignment!r} must look like KEY=VALUE, e.g. engine.kind=opensearch", param_hint="--set")
        values[key] = value
    context.obj = GlobalOptions(config, values)


@app.command()
def serve(
    context: typer.Context,
    workers: Annotated[int | None, typer.Option(help="Processes that share the port.", min=1)] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port.", min=0, max=65535)] = None,
) -> None:
    """Migrate, then serve until Ctrl-C."""
    from server.commands.serve import run_serve

    raise typer.Exit(run_serve(settings_of(context, workers=workers, host=host, port=port), typer.echo))


@app.command()
def config(
    context: typer.Context,
    sample: Annotated[bool, typer.Option("--sample", help="A file with every setting, its default and what it means.")] = False,
    show: Annotated[bool, typer.Option("--show", help="The settings in force, secrets starred, and where the database is.")] = False,
) -> None:
    """Print settings as YAML."""
    from server.settings_text import sample_file, settings_in_force

    if sample == show:
        raise typer.BadParameter("say either --sample or --show")
    typer.echo(sample_file() if sample else settings_in_force(settings_of(context)), nl=False)


@app.command()
def check(context: typer.Context) -> None:
    """Look whether everything is ready to serve; one line per thing, and what to do about what is not."""
    from server.commands.check import run_check

    given: GlobalOptions = context.obj
    raise typer.Exit(run_check(given.config, given.values, typer.echo))


@app.command()
def migrate(context: typer.Context) -> None:
    """Bring the database up to date."""
    from server.commands.migrate import run_migrate

    run_migrate(settings_of(context), typer.echo)


@app.command()
def load(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(help="Files or folders with MARC records; - for standard input.", metavar="FILE...")],
    source: Annotated[str, typer.Option(help="Name of the source; becomes the prefix of the record ids.")] = "",
    format_: Annotated[str, typer.Option("--format", help="marc21, unimarc or auto.")] = "auto",
    charset: Annotated[str, typer.Option(help="auto, utf-8, marc-8, iso-5426 or the name of a codec.")] = "auto",
    charset_fallback: Annotated[str, typer.Option(help="Character set of records that are not UTF-8 and do not say what they are.")] = "",
    id_from: Annotated[list[str] | None, typer.Option(help="Where the id stands in records without 001, e.g. 999$c.")] = None,
    merge_same_id: Annotated[bool, typer.Option("--merge-same-id", help="Consecutive records with the same 001 are one record.")] = False,
    database: Annotated[str, typer.Option(help="auto (by the record's kind), biblios or authorities.")] = "auto",
    delete: Annotated[bool, typer.Option("--delete", help="Delete the records of these files, or whose ids they list.")] = False,
    workers: Annotated[int | None, typer.Option(help="Processes that make documents.", min=0)] = None,
    allow_errors: Annotated[bool, typer.Option("--allow-errors", help="Exit with 0 although records were set aside.")] = False,
) -> None:
    """Take MARC records in: PostgreSQL first, then the index."""
    from server.commands.load import load_options, run_load

    settings = settings_of(context, **{"load.workers": workers})
    options = load_options(
        settings, source, format_, charset, charset_fallback, tuple(id_from or ()), database,
        merge_same_id=merge_same_id, delete=delete, allow_errors=allow_errors,
    )  # fmt: skip
    raise typer.Exit(run_load(settings, files, options))


@app.command()
def harvest(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Names of sources in the settings.", metavar="SOURCE...")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All sources of the settings.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Show what is remembered of each source, and do nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask and read, but store nothing.")] = False,
    limit: Annotated[int | None, typer.Option(help="Stop after so many items; does not count as a run.", min=1)] = None,
    since: Annotated[str, typer.Option(help="Start here instead, e.g. 2026-01-31.", metavar="DATE")] = "",
    full: Annotated[bool, typer.Option("--full", help="Everything from the beginning; what is not listed any more is removed.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Only finish what was interrupted.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Take records in although they are no newer than what is stored.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Remove what a source does not list any more, also if it is more than a tenth.")
    ] = False,
) -> None:
    """Take records in from OAI-PMH repositories. Exit code 1: some were set aside or some sources failed; 2: all failed."""
    from server.commands.harvest import chosen_sources, run_harvest, run_list, run_options

    settings = settings_of(context)
    if list_:
        raise typer.Exit(run_list(settings))
    try:
        chosen = chosen_sources(settings, sources or [], everything=everything)
        options = run_options(dry_run=dry_run, limit=limit or 0, since=since, full=full, resume=resume, force=force, yes=yes)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    raise typer.Exit(run_harvest(settings, chosen, options))


@app.command()
def reindex(
    context: typer.Context,
    database: Annotated[str, typer.Option(help="biblios, authorities or all.")] = "all",
) -> None:
    """Build the index anew from PostgreSQL while the one in use answers, compare it, and put it in its place."""
    from server.commands.reindex import run_reindex

    raise typer.Exit(run_reindex(settings_of(context), database))


@app.command()
def verify(
    context: typer.Context,
    database: Annotated[str, typer.Option(help="biblios, authorities or all.")] = "all",
    sample: Annotated[int, typer.Option(help="Records of each database that are compared word by word.", min=0)] = 200,
) -> None:
    """Compare the index with PostgreSQL: counts, every id, and some records word by word."""
    from server.commands.verify import run_verify

    raise typer.Exit(run_verify(settings_of(context), database, sample, typer.echo))


@app.command()
def cleanup(context: typer.Context) -> None:
    """Remove what a reindex left behind that was killed or failed, and say what it was."""
    from server.commands.reindex import run_cleanup

    raise typer.Exit(run_cleanup(settings_of(context), typer.echo))


@app.command()
def demo(
    context: typer.Context,
    file: Annotated[Path | None, typer.Option(help="Your own records instead of the samples.")] = None,
) -> None:
    """Sample records and a running server."""
    from server.commands.demo import run_demo

    raise typer.Exit(run_demo(settings_of(context), file, typer.echo))


@app.command("explain-record")
def explain_record(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File with MARC records.")],
    number: Annotated[int, typer.Argument(help="Which record, counted from 1.", min=1)],
    format_: Annotated[str, typer.Option("--format", help="marc21, unimarc or auto.")] = "auto",
    charset: Annotated[str, typer.Option(help="auto, utf-8, marc-8, iso-5426 or the name of a codec.")] = "auto",
) -> None:
    """Show what becomes of a record: which rule puts which value into which field."""
    from server.commands.explain import run_explain_record
    from server.commands.load import source_profile

    settings = settings_of(context)
    raise typer.Exit(run_explain_record(settings, file, number, source_profile(settings, format_=format_, charset=charset), typer.echo))


@app.command("explain-query")
def explain_query(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="A query in CQL.", metavar="CQL")],
    database: Annotated[str, typer.Option(help="biblios or authorities.")] = "biblios",
) -> None:
    """Show what becomes of a query: tree, plan, and hits of each clause."""
    from server.commands.explain import run_explain_query

    raise typer.Exit(run_explain_query(settings_of(context), database, query, typer.echo))


@oai_app.command("try-set")
def oai_try_set(context: typer.Context, query: Annotated[str, typer.Argument(help="A query in CQL.", metavar="CQL")]) -> None:
    """Show which records a set by this query would have."""
    from server.commands.oai import run_try_set

    raise typer.Exit(run_try_set(settings_of(context), query, typer.echo))


@oai_app.command("update-sets")
def oai_update_sets(context: typer.Context) -> None:
    """Decide set memberships again after definitions have changed (`serve` does so in the background)."""
    from server.commands.oai import run_update_sets

    raise typer.Exit(run_update_sets(settings_of(context)))


@oai_app.command("verify")
def oai_verify(
    context: typer.Context, url: Annotated[str | None, typer.Option(help="Another endpoint than the own one.", metavar="URL")] = None
) -> None:
    """Walk through the endpoint as a harvester does, in every format, and tell what is wrong."""
    from server.commands.oai import run_verify

    raise typer.Exit(run_verify(settings_of(context), url))


@fields_app.command("check")
def fields_check(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="A table of your own; without it, the one of the settings.")] = None,
) -> None:
    """Say what is wrong with a field table, with line numbers."""
    from server.commands.fields import run_check_fields

    raise typer.Exit(run_check_fields(file or settings_of(context).fields_file, typer.echo))


@fields_app.command("show")
def fields_show(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="A table of your own; without it, the one of the settings.")] = None,
) -> None:
    """Print the field table in force as YAML."""
    from server.commands.fields import field_table_in_force

    typer.echo(field_table_in_force(file or settings_of(context).fields_file), nl=False)


@fields_app.command("import-koha")
def fields_import_koha(file: Annotated[Path, typer.Argument(help="Koha's mappings.yaml.")]) -> None:
    """Print a field table made of a Koha search engine mapping, to be used as fields_file."""
    from server.commands.fields import imported_from_koha

    typer.echo(imported_from_koha(file), nl=False)


def main() -> None:
    """Runs a command and ends the process with its exit code. Never shows a traceback, unless `log.level` is debug."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs a command; returns its exit code."""
    try:
        return int(app(args=arguments, standalone_mode=False) or 0)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except typer.Exit as ended:
        return ended.exit_code
    except TyperException as error:
        return _show_usage(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains about it at its end
        return 1
    except Exception as error:
        return _say(error)


def _show_usage(error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    if context is not None:
        typer.echo(context.get_usage(), err=True)
    typer.echo(f"Error: {error.format_message()}", err=True)
    return error.exit_code


def _say(error: Exception) -> int:
    """Expected errors in their own words; an unexpected one in one line, with the traceback in the log when it is on debug."""
    from cql.diagnostics import CqlError
    from indexer.engine.port import EngineError
    from indexer.fields import FieldTableError
    from indexer.marc import UnusableSource
    from server.errors import DiscoveryError
    from server.settings import SettingsError

    match error:
        case SettingsError():
            typer.echo("\n".join(error.problems), err=True)
            return 2
        case DiscoveryError() | EngineError() | UnusableSource() | FieldTableError() | CqlError():
            typer.echo(str(error), err=True)
        case BaseExceptionGroup() if len(error.exceptions) == 1 and isinstance(error.exceptions[0], Exception):
            return _say(error.exceptions[0])
        case OSError():
            typer.echo(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.", err=True)
        case _:
            typer.echo(f"Something unexpected happened ({type(error).__name__}: {error}). --set log.level=debug tells more.", err=True)
    logging.getLogger(__name__).debug("the command failed", exc_info=error)
    return 1

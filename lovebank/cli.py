"""The command line: reads the settings, opens the database, calls one function, says what was done.

Invariant: a refusal is one line on the standard error, and the exit is 0 only where the command did
what it says. Commands that need a long import take it when they are called.
"""

from __future__ import annotations

import logging
import os
import sys
from functools import partial
from pathlib import Path
from uuid import UUID

import click

from kit import schema
from lovebank import opening, settings
from lovebank.refusing import EXIT_REFUSED, end, refusals


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lovebank")
def main() -> None:
    """Love Bank 爱心银行: from a scan at a red post to goods on a counter."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535))
@click.option("--no-tick", is_flag=True, help="Leave due work to `lovebank tick`.")
@click.option("--proxy", help="The address of the proxy whose X-Forwarded-For is believed.")
def serve(host: str, port: int, no_tick: bool, proxy: str | None) -> None:
    """Serve the pages and the API."""
    from lovebank import serving

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with refusals():
        found = settings.read()
        found.need_keys()
        opening.require_there(found)
        shown = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"  # noqa: S104 # compared, not bound
        with serving.alone(found.database_url), opening.running(found, shown) as program:
            listening = serving.listen(program, proxy=proxy, host=host, port=port)
            test = " (TEST database: business time may be made by hand)" if program.is_test else ""
            click.echo(
                f"Love Bank accepts at http://{host}:{listening.server.effective_port}"
                f" on {program.database.dialect}{test}"
            )
            sys.stdout.flush()
            serving.until_stopped(listening, program, ticks=not no_tick)


@main.command()
@click.option("--community", required=True, help="Its name, e.g. 和睦社区.")
@click.option("--admin-name", required=True)
@click.option("--admin-phone", required=True)
def init(community: str, admin_name: str, admin_phone: str) -> None:
    """Make the schema if it is missing, a community, its general fund and its first person."""
    from lovebank import founding

    with refusals():
        found = settings.read()
        found.need_keys()
        password = os.environ.get("LOVEBANK_ADMIN_PASSWORD") or click.prompt(
            "Password of the first person", hide_input=True, confirmation_prompt=True
        )
        with opening.reached(found):
            if schema.current(found.database_url) is None:
                schema.upgrade(found.database_url)
        with opening.running(found, "http://127.0.0.1:8000") as program:
            made = founding.found(
                program,
                name=community,
                admin_name=admin_name,
                admin_phone=admin_phone,
                admin_password=password,
            )
        click.echo(f"{community}: community {made.community_id}, first person {made.person_id}")


@main.command()
@click.option("--no-serve", is_flag=True, help="Tell the story, prove it, and end.")
@click.option("--database", metavar="URL", help="An empty database; a new demo.db otherwise.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535))
def demo(no_serve: bool, database: str | None, port: int) -> None:
    """Tell the whole story against a real server, and leave it running."""
    from lovebank.demo import stage

    with refusals():
        stage.play(serve=not no_serve, database=database, port=port)


@main.group()
def db() -> None:
    """The schema of the database."""


@db.command()
def upgrade() -> None:
    """Bring the schema to what this program needs."""
    with refusals():
        found = settings.read()
        with opening.reached(found):
            before = schema.current(found.database_url)
            schema.upgrade(found.database_url)
        click.echo(f"the schema was at {before or 'nothing'}, and is at {schema.head()}")


@db.command("check")
def db_check() -> None:
    """Say whether the schema is what this program needs."""
    with refusals():
        found = settings.read()
        with opening.reached(found):
            opening.require_there(found)
            schema.require_head(found.database_url)
        click.echo(f"the schema is at {schema.head()}, as it must be")


@db.command("refold")
def db_refold() -> None:
    """Throw the checkpoints of the balances away, and make them again from the postings."""
    from ledger import checkpoints
    from people import communities

    with refusals(), opening.opened(settings.read()) as database:
        for community in database.read(communities.everything):
            rebuild = partial(checkpoints.rebuild, community_id=community.id)
            made = database.write(rebuild, community_id=community.id)
            click.echo(f"{community.id}: {made} checkpoints made from the postings")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--progress", is_flag=True, help="Show how far it is, though this is no terminal.")
def check(as_json: bool, progress: bool) -> None:
    """Prove the books of every community; list every problem; exit 0 only if there is none."""
    from lovebank import proving

    with refusals(), opening.opened(settings.read()) as database:
        verdict = proving.prove(database, shown=progress or sys.stderr.isatty())
        click.echo(proving.as_json(verdict) if as_json else proving.as_text(verdict))
        if verdict.problems:
            sys.exit(EXIT_REFUSED)


@main.command()
def tick() -> None:
    """Do all work that is due: close attendances, let orders lapse, forget old unknown scans."""
    from lovebank import ticks

    with refusals(), opening.running(settings.read(), "http://127.0.0.1:8000") as program:
        done = ticks.everything(program)
        click.echo(", ".join(f"{name}: {count}" for name, count in done.items()))


@main.group()
def export() -> None:
    """What other programs read; it needs no secret."""


@export.command("journal")
@click.option("--format", "form", required=True, type=click.Choice(["beancount", "hledger", "csv"]))
@click.option(
    "--community", type=click.UUID, metavar="ID", help="Required where there are several."
)
def export_journal(form: str, community: UUID | None) -> None:
    """Print every transfer of a community, without any name, for other programs to prove."""
    from lovebank import exporting

    with refusals(), opening.opened(settings.read()) as database:
        chosen = exporting.chosen(database, community)
        exporting.journal(database, chosen, form, sys.stdout.buffer)


@export.command("attendance")
@click.option("--format", "form", required=True, type=click.Choice(["csv"]))
@click.option(
    "--community", type=click.UUID, metavar="ID", help="Required where there are several."
)
def export_attendance(form: str, community: UUID | None) -> None:
    """Print every attendance of a community, by what happened and not by when it was received."""
    from lovebank import exporting

    assert form == "csv", "click takes no other"
    with refusals():
        found = settings.read()
        with opening.opened(found) as database:
            chosen = exporting.chosen(database, community)
            exporting.attendance(database, chosen, found.clock().now(), sys.stdout.buffer)


@main.command("import")
@click.argument("kind", type=click.Choice(["people", "attendance", "balances"]))
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--community", type=click.UUID, metavar="ID", help="Required where there are several."
)
@click.option("--by", metavar="PHONE", help="In whose name; a treasurer for balances.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
def import_(kind: str, path: Path, community: UUID | None, by: str | None, dry_run: bool) -> None:
    """Import an .xlsx or .csv: every bad row is named; all of it is written, or nothing."""
    from lovebank import exporting, importing

    with refusals(), opening.running(settings.read(), "http://127.0.0.1:8000") as program:
        chosen = exporting.chosen(program.database, community)
        report = importing.carry_out(program, chosen, kind, path, by=by, dry_run=dry_run)
        for line in importing.told(report, dry_run=dry_run):
            click.echo(line)
        if report.faults:
            end("nothing was written 没有写入任何数据", EXIT_REFUSED)


@main.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def backup(path: Path) -> None:
    """Write a backup of the whole database to PATH while the program goes on."""
    from lovebank.backups import backup as backups

    with refusals():
        found = settings.read()
        with opening.opened(found) as database:
            made = backups.make(database, path, found.clock())
        numbers = ", ".join(made.keys) or "none"
        click.echo(f"{path}: {made.rows()} rows of {len(made.tables)} tables")
        click.echo(
            "The secret is NOT in it. Keep LOVEBANK_SECRET_KEY in another safe place: without it"
            f" no code and no phone in this backup can be read. Keys it needs: {numbers}"
        )


@main.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(path: Path) -> None:
    """Bring a backup into an EMPTY database, and prove its books before it is done."""
    from lovebank import proving
    from lovebank.backups import restore as backups

    with refusals():
        try:
            made = backups.restore(settings.read(), path)
        except backups.NotProved as refusal:
            click.echo(proving.listed(refusal.problems), err=True)
            end("the books in this backup do not hold; nothing was restored", EXIT_REFUSED)
        click.echo(
            f"restored {made.rows()} rows as they were at {made.made_at}; the books are proved"
        )


@main.command()
@click.argument("names", nargs=-1, type=click.Choice(["ledger", "http", "scale", "peers"]))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--postgresql", metavar="URL", help="A server; a throw-away one otherwise.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 99))
@click.option("--quick", is_flag=True, help="Shorter rounds: the same ratios, less exact.")
def bench(
    names: tuple[str, ...], as_json: bool, postgresql: str | None, rounds: int, quick: bool
) -> None:
    """Measure against the physical floor and the peers; exit 0 only if each target is met."""
    from lovebank import benching

    with refusals():
        told = benching.run(
            names, as_json=as_json, postgresql=postgresql, rounds=rounds, quick=quick
        )
        click.echo(told.text)
        if not told.met:
            sys.exit(EXIT_REFUSED)

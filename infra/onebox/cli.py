"""`kartoteka`: the command line of one box."""

import sys

import click

from kartoteka.domain.errors import KartotekaError
from onebox.commands.audience import audience_command
from onebox.commands.backup import backup_command, restore_command
from onebox.commands.channels import channels_command
from onebox.commands.connecting import connect_command
from onebox.commands.doctor import doctor_command
from onebox.commands.doing import commands_command, do_command
from onebox.commands.editing import edit_command
from onebox.commands.exporting import export_command
from onebox.commands.history import history_command
from onebox.commands.importing import import_command
from onebox.commands.listing import books_command, list_command, show_command
from onebox.commands.replaying import replay_command
from onebox.commands.rules import rules_command
from onebox.commands.running import rebuild_command, send_command, tasks_command
from onebox.commands.scaffolding import new_channel_command
from onebox.commands.starting import demo_command, init_command, serve_command
from onebox.commands.trying import backup_test_command
from onebox.commands.undoing import batches_command, undo_command

REFUSED = 2
_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kartoteka")
def kartoteka() -> None:
    """Run and inspect an office of Kartoteka on this machine."""


for _command in (
    audience_command,
    backup_command,
    backup_test_command,
    batches_command,
    books_command,
    channels_command,
    commands_command,
    connect_command,
    demo_command,
    do_command,
    doctor_command,
    edit_command,
    export_command,
    history_command,
    import_command,
    init_command,
    list_command,
    new_channel_command,
    rebuild_command,
    replay_command,
    restore_command,
    rules_command,
    send_command,
    serve_command,
    show_command,
    tasks_command,
    undo_command,
):
    kartoteka.add_command(_command)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code; what is wrong is one line on stderr."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Return the exit code of one command: 0, 1 for a failure, 2 for wrong input."""
    try:
        code = kartoteka.main(args=arguments, prog_name="kartoteka", standalone_mode=False)
    except click.NoSuchOption as exc:
        return _refuse(f"{exc.format_message()}{_its_place(exc.ctx)}")
    except click.ClickException as exc:
        return _refuse(exc.format_message())
    except KartotekaError as exc:
        return _refuse(str(exc))
    except click.Abort:
        return _INTERRUPTED
    return code if isinstance(code, int) else 0


def _its_place(where: click.Context | None) -> str:
    """Return where options belong, when one was given to a group of commands."""
    if where is None or not isinstance(where.command, click.Group):
        return ""
    path = where.command_path
    return (
        f" Options of a command come behind its name: `{path} COMMAND ... --option`;"
        f" `{path} --help` lists the commands."
    )


def _refuse(message: str) -> int:
    line = " ".join(message.split())
    click.echo(f"kartoteka: {line}", err=True)
    return REFUSED

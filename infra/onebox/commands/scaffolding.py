"""`kartoteka new-channel`: begin a channel for a provider."""

from pathlib import Path

import click

from onebox.scaffold import make

_ROOT = Path(__file__).parents[3]
_NEXT = """
Next, as CONTRIBUTING.md tells under "A channel in 30 minutes":
  1. put captured payloads in the place of the invented samples, personal data replaced;
  2. fill in the head of the module, then verify, parse and answer;
  3. python -m tests.ingest.channels.samples {name}   writes what they mean; read it;
  4. pytest tests/ingest/channels -q -k {name}   runs the contract of all channels over it."""


@click.command("new-channel")
@click.argument("name")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=_ROOT,
    help="The checkout of the sources.",
)
def new_channel_command(name: str, root: Path) -> None:
    """Make module, page, samples and test of a channel; its contract tests pass at once."""
    for path in make(name, root):
        click.echo(path.relative_to(root))
    click.echo(_NEXT.format(name=name))

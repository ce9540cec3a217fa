"""steerco completion: the lines that teach a shell to complete our commands."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    bash: eval "$(steerco completion bash)" in ~/.bashrc. zsh the same in ~/.zshrc. fish: steerco completion fish | source.
    """
    from click.shell_completion import get_completion_class

    from steerco.cli import root

    found = get_completion_class(shell)
    assert found is not None
    completer = found(root, {}, "steerco", "_STEERCO_COMPLETE")
    click.echo(completer.source_template % completer.source_vars())

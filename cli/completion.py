"""Print a script that completes commands and options in a shell.

bash:  nodeloom completion bash >> ~/.bashrc
zsh:   nodeloom completion zsh  >> ~/.zshrc
fish:  nodeloom completion fish > ~/.config/fish/completions/nodeloom.fish
"""

import argparse
from collections.abc import Callable, Mapping

from cli import COMMANDS, parser_of

PROGRAM = "nodeloom"

Options = Mapping[str, list[tuple[str, str]]]
"""Command -> its long options, each with its help."""

BASH = """\
_{program}() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} words=""
    if [ "$COMP_CWORD" -eq 1 ]; then
        words="{commands}"
    else
        case ${{COMP_WORDS[1]}} in
{cases}
        esac
        case $current in -*) ;; *) words="" ;; esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _{program} {program} main.py ./main.py"""

ZSH = """\
#compdef {program}
_{program}() {{
    if (( CURRENT == 2 )); then
        local -a commands=({commands})
        _describe command commands
        return
    fi
    case $words[2] in
{cases}
    esac
}}
compdef _{program} {program}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The shell whose script is wanted."""
    parser.add_argument("shell", choices=sorted(SHELLS), help="the shell to complete in")


def execute(arguments: argparse.Namespace) -> int:
    """Print the script."""
    print(SHELLS[arguments.shell](options()))
    return 0


def options() -> Options:
    """What the parsers of all commands declare."""
    return {name: long_options(parser_of(name)) for name in COMMANDS}


def long_options(parser: argparse.ArgumentParser) -> list[tuple[str, str]]:
    """Every `--option` of a parser with its help."""
    return [
        (option, (action.help or "").replace("%%", "%"))
        for action in parser._actions  # pyright: ignore[reportPrivateUsage]  # argparse offers no public list
        for option in action.option_strings
        if option.startswith("--")
    ]


def bash(known: Options) -> str:
    """A function for bash's `complete`; words that are no options complete as files."""
    cases = "\n".join(
        f'            {name}) words="{" ".join(option for option, _ in found)}" ;;' for name, found in known.items()
    )
    return BASH.format(program=PROGRAM, commands=" ".join(known), cases=cases)


def zsh(known: Options) -> str:
    """A function for zsh's `compdef`."""
    commands = " ".join(quoted(f"{name}:{COMMANDS[name]}") for name in known)
    cases = "\n".join(
        f"        {name}) _arguments '*:file:_files' "
        + " ".join(quoted(f"{option}[{help_text.translate(ZSH_MARKS)}]") for option, help_text in found)
        + " ;;"
        for name, found in known.items()
    )
    return ZSH.format(program=PROGRAM, commands=commands, cases=cases)


def fish(known: Options) -> str:
    """Lines of fish's `complete`."""
    lines = [f"complete -c {PROGRAM} -n __fish_use_subcommand -a {name} -d {quoted(COMMANDS[name])}" for name in known]
    lines += [
        f"complete -c {PROGRAM} -n '__fish_seen_subcommand_from {name}' -l {option[2:]} -d {quoted(help_text)}"
        for name, found in known.items()
        for option, help_text in found
    ]
    return "\n".join(lines)


def quoted(text: str) -> str:
    """The text in single quotes, for any of the three shells."""
    return "'" + text.replace("'", "’") + "'"


ZSH_MARKS = str.maketrans({"[": "(", "]": ")", ":": " –"})
SHELLS: Mapping[str, Callable[[Options], str]] = {"bash": bash, "zsh": zsh, "fish": fish}

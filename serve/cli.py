"""The command line: which commands there are. Each is loaded only when it is called, so that `plan` starts at once.

What a command does stands in `serve/commands/`.
"""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from data.errors import DebtOptimizerError

HELP = "What a client should pay, to whom, in which month; what it saves; and why."


@dataclass(frozen=True)
class Entry:
    """Where a command stands, as `module:name`, and its line in the list of commands."""

    target: str
    line: str


COMMANDS = {
    "plan": Entry("serve.commands.plan:plan", "One plan for one portfolio: what to pay, to whom, in which month."),
    "compare": Entry("serve.commands.plan:compare", "Every strategy on the same portfolio, the cheapest marked."),
    "health": Entry("serve.commands.health:health", "What a portfolio weighs today, and what to act on."),
    "what-if": Entry("serve.commands.what_if:what_if", "What some changes come to: money, rates, debts, offers."),
    "offers": Entry("serve.commands.what_if:offers", "Which offers to take, how much of each, and what it saves."),
    "required-budget": Entry(
        "serve.commands.budgets:required_budget", "The smallest budget that is debt-free by a date."
    ),
    "frontier": Entry("serve.commands.budgets:frontier", "What more money a month brings: months and interest."),
    "apr": Entry("serve.commands.measures:apr", "The annual rate of a cash flow: Reg Z, EU APRC or IRR."),
    "card-interest": Entry("serve.commands.measures:card_interest", "A card's interest on the whole statement."),
    "risk": Entry("serve.commands.risk:risk", "What may come of a plan when things go wrong: thousands of scenarios."),
    "import": Entry("serve.commands.import_:import_", "What a CSV, Excel or JSON file says, and its bad rows."),
    "batch": Entry("serve.commands.batch:batch", "A CSV of many portfolios into results and rejects."),
    "ask": Entry("serve.commands.ask:ask", "Ask an agent about debts and read its answer as it is written."),
    "mcp": Entry("serve.commands.mcp:mcp", "The planner as tools for other agents (MCP), by a running service."),
    "up": Entry("serve.commands.operating.service:up", "Start everything on this machine; Ctrl-C stops it."),
    "dashboard": Entry(
        "serve.commands.operating.dashboard:dashboard", "The dashboard alone, before a service elsewhere."
    ),
    "down": Entry("serve.commands.operating.service:down", "Stop everything that `up` started."),
    "status": Entry("serve.commands.operating.service:status", "What runs, and where."),
    "doctor": Entry("serve.commands.operating.doctor:doctor", "What is wrong on this machine, and how to mend it."),
    "migrate": Entry("serve.commands.operating.migrate:migrate", "Bring the database's tables to this version."),
    "deploy": Entry("serve.commands.operating.deploy:deploy", "Put the service onto a running Ray cluster."),
    "backup": Entry("serve.commands.operating.backup:backup", "All that lasts into one file, while the service runs."),
    "restore": Entry("serve.commands.operating.backup:restore", "A backup put back where nothing is."),
    "keys": Entry("serve.commands.accounts.keys:app", "API keys of the HTTP endpoint: create, list, revoke."),
    "users": Entry("serve.commands.accounts.users:app", "People and their roles: create, list, disable."),
    "audit": Entry("serve.commands.accounts.audit:app", "Who did what: list it, and prove that nothing was changed."),
    "orgs": Entry("serve.commands.accounts.orgs:app", "Organisations that see nothing of each other: create, list."),
    "retention": Entry("serve.commands.accounts.retention:app", "How long what is kept: show, set, erase it now."),
}


class LazyGroup(TyperGroup):
    """The list of commands is known at once; a command's module is imported when that command is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command of that name, loaded; an unknown name is refused with the nearest known one."""
        name, _, rest = super().resolve_command(ctx, args)
        command = load(name or args[0])
        # What was loaded is needed to the end: the collector need not look through it again.
        gc.freeze()
        gc.enable()
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what goes wrong is one line on standard error, or with --json a problem document."""
        as_json = "--json" in ctx.args
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # a full disk is said, not found out later
            return result
        except (DebtOptimizerError, OSError) as error:
            # Whoever reads our output has left: the shell expects us to end silently.
            if isinstance(error, BrokenPipeError):
                raise
            import_module("serve.commands.shared.problem").tell(error, as_json=as_json)
            raise typer.Exit(1) from None


def load(name: str) -> Any:
    """The command itself, with its options."""
    module, _, attribute = COMMANDS[name].target.partition(":")
    target = getattr(import_module(module), attribute)
    if isinstance(target, typer.Typer):
        return get_command(target)
    single = typer.Typer(add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})
    single.command(name, no_args_is_help=False)(target)
    return get_command(single)


def build() -> LazyGroup:
    """The command line with the names of its commands, none of them loaded."""
    listed = {name: TyperCommand(name=name, help=entry.line) for name, entry in COMMANDS.items()}
    settings = {"help_option_names": ["-h", "--help"]}
    return LazyGroup(name="debt-optimizer", help=HELP, commands=listed, no_args_is_help=True, context_settings=settings)  # pyright: ignore[reportArgumentType]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code: 0 done, 1 bad input or a failure, 2 wrong usage."""
    sys.excepthook = _tell_unexpected
    gc.disable()  # until the command is loaded: nothing imported is garbage, and looking for it takes a quarter longer
    is_whole_process = arguments is None
    left = {"code": -1}
    if is_whole_process:
        atexit.register(_leave_at_once, left)  # registered first, so that it runs last
    try:
        build().main(arguments, prog_name="debt-optimizer")
    except SystemExit as leaving:
        left["code"] = leaving.code if isinstance(leaving.code, int) else 0
        raise
    finally:
        gc.enable()


def _leave_at_once(left: dict[str, int]) -> None:
    """End without taking the compiler and every module apart again: a tenth of a second that nobody need wait."""
    if left["code"] >= 0:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, AttributeError, ValueError):  # full, absent or closed: it has been said
                stream.flush()
        os._exit(left["code"])


def _tell_unexpected(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    import_module("serve.commands.shared.problem").tell_unexpected(kind, error, trace, as_json="--json" in sys.argv)

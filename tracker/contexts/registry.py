"""The installed contexts, in the order in which pages list them."""

from importlib import import_module

from tracker.context_names import SERVED
from tracker.contexts.context import Context

CONTEXTS: tuple[Context, ...] = tuple(
    import_module(f"tracker.contexts.{name}").CONTEXT for name in SERVED
)
BY_NAME = {context.name: context for context in CONTEXTS}

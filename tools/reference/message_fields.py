"""message-fields.md: what a template of a message may name, and how the built-in ones begin."""

from __future__ import annotations

from baton.notifications.model import FIELDS, LANGUAGES, Medium, MessageKind
from baton.notifications.sandbox import FILTERS, FUNCTIONS, LOOPS, OUTPUT, SOURCE, STEPS, TESTS
from baton.notifications.shapes import built_in
from tools.reference.markdown import head, table


def page() -> str:
    """Fields, functions, limits, and the subject of every kind."""
    subjects = [
        (f"`{kind}`", f"`{built_in(kind, 'en', Medium.MAIL).subject}`") for kind in MessageKind
    ]
    return "\n".join(
        [
            head(
                "Message fields",
                "What a template may name. How to write one: "
                "[Put messages into your own words](../how-to/edit-messages.md).",
            ),
            table(("field", "meaning"), [(f"`{name}`", said) for name, said in FIELDS.items()]),
            "## Beside the fields\n",
            f"- functions: {_listed(FUNCTIONS)}",
            f"- filters: {_listed(FILTERS)}",
            f"- tests: {_listed(TESTS)}",
            "- `words`: the short words of the language; `parts`: our own parts; `lang`; `marks`, "
            "1 to 5",
            f"- limits: {SOURCE:,} characters a part, {LOOPS} loops two deep, {STEPS:,} steps, "
            f"{OUTPUT:,} characters of output\n",
            "## Kinds\n",
            f"Built in for mail and text in {_listed(LANGUAGES)}.\n",
            table(("kind", "subject in English"), subjects),
        ]
    )


def _listed(names: tuple[str, ...]) -> str:
    return " ".join(f"`{name}`" for name in names)

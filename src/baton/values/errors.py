"""One tree of errors.

    BatonError
    ├── Invalid       what was sent can't be understood           (400, 422)
    ├── Refused       understood, but the business says no        (409)
    ├── NotFound      no such thing for this caller               (404)
    ├── Conflict      it changed meanwhile: read again and retry  (409)
    ├── Forbidden     this caller may not                         (401, 403)
    └── Unavailable   something needed is not there: try later    (503)

Modules add leaves in their `errors.py`, each with a stable `code`. The HTTP status is
chosen in `http/` alone. An outcome that is expected (no stock, say) is a return value
where the caller can go on with it, and an error only where it can't.
"""

from __future__ import annotations

from typing import Any, ClassVar


class BatonError(Exception):
    """Base of all expected errors: a stable code, a sentence for a person, parameters."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, field: str | None = None, **parameters: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.parameters = parameters


class Invalid(BatonError):
    """The input can't be used as it is; `field` is the path of what to mend."""

    code = "invalid"


class Refused(BatonError):
    """The request was understood, and a rule of the business says no."""

    code = "refused"


class NotFound(BatonError):
    """There is no such thing, or none that this caller may see."""

    code = "not_found"


class Conflict(BatonError):
    """Somebody else changed it at the same time: read it again and retry."""

    code = "conflict"


class Forbidden(BatonError):
    """The caller is unknown or lacks the permission."""

    code = "forbidden"


class Unavailable(BatonError):
    """Something that is needed does not answer: try again later."""

    code = "unavailable"


def leaves(kind: type[BatonError] = BatonError) -> list[type[BatonError]]:
    """Every error class that has been defined, so that the reference can list them."""
    found = [kind]
    for child in kind.__subclasses__():
        found.extend(leaves(child))
    return found

"""Refusals in the form Google's REST services give them."""

from collections.abc import Mapping


class ApiError(Exception):
    """A refused API call; `body` is the JSON that Google's clients understand."""

    http = 500
    status = "INTERNAL"

    @property
    def body(self) -> Mapping[str, object]:
        return {"error": {"code": self.http, "message": str(self), "status": self.status}}


class InvalidArgument(ApiError):
    """The request is malformed or outside the limits."""

    http = 400
    status = "INVALID_ARGUMENT"


class Missing(ApiError):
    """The queue, the task or the method does not exist."""

    http = 404
    status = "NOT_FOUND"


class AlreadyExists(ApiError):
    """The name is in use, or was until recently."""

    http = 409
    status = "ALREADY_EXISTS"


class StoreBroken(ApiError):
    """The write was not made durable; the caller repeats it."""

    http = 503
    status = "UNAVAILABLE"


class Unimplemented(ApiError):
    """A method of the real service that this runner does not offer."""

    http = 501
    status = "UNIMPLEMENTED"

"""What the server refuses, in Telegram's own codes and words."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer with ``ok: false``; python-telegram-bot chooses its exception by code and words."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        """Keep the code, the sentence and what goes into ``parameters`` of the answer."""
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(words: str, **parameters: Any) -> ApiError:
    """Return a 400; Telegram writes the first letter small unless the words are a CONSTANT."""
    is_constant = len(words) > 1 and (words[1] == "_" or words[1].isupper())
    tidy = words if is_constant else words[:1].lower() + words[1:]
    return ApiError(400, f"Bad Request: {tidy}", **parameters)


def forbidden(words: str) -> ApiError:
    """Return a 403."""
    return ApiError(403, f"Forbidden: {words}")


def unauthorized() -> ApiError:
    """Return what a wrong token gets."""
    return ApiError(401, "Unauthorized")


def method_not_found() -> ApiError:
    """Return what an unknown method gets; python-telegram-bot raises EndPointNotFound for it."""
    return ApiError(404, "Not Found: method not found")


def too_many_requests(retry_after_seconds: int) -> ApiError:
    """Return a 429 that says when to come back."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after_seconds}", retry_after=retry_after_seconds)


def conflict(words: str) -> ApiError:
    """Return a 409."""
    return ApiError(409, f"Conflict: {words}")

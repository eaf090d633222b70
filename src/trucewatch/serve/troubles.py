"""Errors, as a page or, under /api, as a problem (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException

from trucewatch.errors import (
    BadInput,
    LogRefused,
    NotAllowed,
    NotFound,
    NotReleasable,
    TruceWatchError,
)
from trucewatch.serve.ask import ask_of, let_go
from trucewatch.serve.headers import secured

if TYPE_CHECKING:
    from litestar import Request

_LOG = logging.getLogger(__name__)
_STATUS: dict[type[Exception], HTTPStatus] = {
    BadInput: HTTPStatus.BAD_REQUEST,
    LogRefused: HTTPStatus.SERVICE_UNAVAILABLE,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    NotReleasable: HTTPStatus.FORBIDDEN,
}


def status_of(error: Exception) -> HTTPStatus:
    """Return what an error answers with; one that nobody foresaw is ours."""
    if isinstance(error, HTTPException):
        return HTTPStatus(error.status_code)
    return _STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)


def troubled(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Return the answer to a request that failed."""
    let_go(request)
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    where, problem, advice = _told(error, status)
    if request.url.path.startswith("/api/"):
        body = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "detail": f"{where}: {problem}" if where else problem,
        } | ({"advice": advice} if advice else {})
        return secured(
            Response(
                msgspec.json.encode(body),
                media_type="application/problem+json",
                status_code=status.value,
                headers=error.headers if isinstance(error, HTTPException) else None,
            )
        )
    page = ask_of(request).page(
        "error.html", status=status.value, code=status, where=where, problem=problem, advice=advice
    )
    return secured(page)


def _told(error: Exception, status: HTTPStatus) -> tuple[str, str, str]:
    if isinstance(error, TruceWatchError) and status is not HTTPStatus.INTERNAL_SERVER_ERROR:
        return error.where, error.problem, error.advice
    if isinstance(error, HTTPException) and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return "", error.detail, ""
    return "", "something failed here, and it is not your request", ""

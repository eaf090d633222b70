"""The OpenAPI document: what the API answers, made from the handlers themselves."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get


@get("/api/v1/openapi.json", sync_to_thread=True, include_in_schema=False)
def document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the document, the same for everybody."""
    told = request.app.openapi_schema.to_schema()
    return Response(msgspec.json.encode(told), media_type="application/json")


ROUTES = (document,)

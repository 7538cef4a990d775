"""The interactive page of an API at `/docs`: Swagger UI of an installed package, with nothing from another server."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import FileResponse, HTMLResponse

from services.runtime.errors import NotFound

PACKAGE = "fastapi_swagger"
"""Of its code nothing is imported: it brings the files of Swagger UI."""
FILES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon-32x32.png": "image/png"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
KEPT = HEADERS | {"Cache-Control": "public, max-age=86400"}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="stylesheet" href="docs/page.css">
</head>
<body>
<noscript>This page needs scripts; the document itself is at <a href="openapi.json">openapi.json</a>.</noscript>
<main id="api"></main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/page.js"></script>
</body>
</html>
"""
# A key is kept in the page alone, and is gone with it. No word of a request goes to a validator elsewhere.
SCRIPT = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});
"""
STYLE = """body { margin: 0; }
.swagger-ui .wrapper { padding: 0 1rem; }
@media (max-width: 40rem) {
  .swagger-ui .wrapper, .swagger-ui .opblock-body { padding: 0 .5rem; }
  .swagger-ui .opblock .opblock-summary-path { font-size: .875rem; overflow-wrap: anywhere; max-width: 100%; }
  .swagger-ui .opblock .opblock-summary { flex-wrap: wrap; }
  .swagger-ui table { display: block; overflow-x: auto; }
}
"""


def routes(title: str) -> APIRouter:
    """The page and what it is made of."""
    router = APIRouter(include_in_schema=False)
    page = PAGE % title

    @router.get("/docs")
    async def show_docs() -> Response:
        """The page."""
        return HTMLResponse(page, headers=HEADERS)

    @router.get("/docs/{name}")
    async def show_part(name: str) -> Response:
        """A script, a style sheet or the icon."""
        match name:
            case "page.js":
                return Response(SCRIPT, media_type="text/javascript", headers=KEPT)
            case "page.css":
                return Response(STYLE, media_type="text/css", headers=KEPT)
            case _ if name in FILES:
                return FileResponse(_folder() / name, media_type=FILES[name], headers=KEPT)
        raise NotFound("there is no such part of this page")

    return router


def _folder() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise NotFound(f"the package {PACKAGE.replace('_', '-')} is not installed: install it, or read /openapi.json")
    return Path(spec.submodule_search_locations[0]) / "resources"


def say_bearer(app: FastAPI, description: str) -> None:
    """Says in the document that every call takes a bearer token, where routes read it by themselves."""
    whole = app.openapi

    def secured() -> dict[str, Any]:
        document = whole()
        schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["HTTPBearer"] = {"type": "http", "scheme": "bearer", "description": description}
        document["security"] = [{"HTTPBearer": []}]
        return document

    app.openapi = secured  # type: ignore[method-assign]  # as FastAPI says to extend it

"""/api/docs: the OpenAPI document as an HTML page without scripts and without other hosts."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.door.access import COMMANDS, READING, line

router = APIRouter(include_in_schema=False)
METHODS = ("get", "post", "put", "patch", "delete")
STYLE = """
body{font:15px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font:13px/1.5 ui-monospace,monospace}
pre{background:#f3f1ec;padding:.75rem;overflow:auto;border-radius:4px}
details{border-top:1px solid #d8d3c8;padding:.5rem 0}
summary{cursor:pointer} summary b{display:inline-block;width:5rem;text-transform:uppercase}
td,th{text-align:left;padding:.15rem .75rem .15rem 0;vertical-align:top}
"""


@router.get("/api/docs")
def docs(request: Request) -> HTMLResponse:
    return HTMLResponse(page_of(request.app.openapi()))


@router.get("/api/docs.css")
def sheet() -> Response:
    return Response(STYLE, media_type="text/css")


def page_of(openapi: dict[str, Any]) -> str:
    info = openapi["info"]
    return "".join(
        [
            "<!doctype html><html lang=zh-CN><meta charset=utf-8>",
            "<meta name=viewport content='width=device-width'>",
            f"<title>{escape(info['title'])} API</title><link rel=stylesheet href=/api/docs.css>",
            f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>",
            f"<p>{escape(info.get('description', ''))}</p>",
            "<p><a href=/api/openapi.json>/api/openapi.json</a></p>",
            *_sections(openapi),
            "<h2 id=rights>权限 Who may what</h2><table>",
            *_rights(),
            "</table><h2 id=schemas>Schemas</h2>",
            *_schemas(openapi),
        ]
    )


def _sections(openapi: dict[str, Any]) -> Iterator[str]:
    section = None
    for path, operations in openapi["paths"].items():
        for method in METHODS:
            if method not in operations:
                continue
            operation = operations[method]
            tag = (operation.get("tags") or ["other"])[0]
            if tag != section:
                section = tag
                yield f"<h2>{escape(tag)}</h2>"
            yield _operation(method, path, operation)


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<tr><td><code>{escape(p['name'])}</code><td>{escape(p['in'])}"
        f"<td><code>{escape(_short(p.get('schema', {})))}</code>"
        for p in operation.get("parameters", [])
    )
    body = operation.get("requestBody", {}).get("content", {})
    bodies = "".join(
        f"<p>{escape(kind)}: {_link(content.get('schema', {}))}</p>"
        for kind, content in body.items()
    )
    answers = "".join(
        f"<tr><td>{escape(status)}<td>{escape(answer.get('description', ''))}"
        for status, answer in operation.get("responses", {}).items()
    )
    return (
        f"<details><summary><b>{method}</b> <code>{escape(path)}</code></summary>"
        f"<p>{escape(operation.get('description') or operation.get('summary', ''))}</p>"
        f"<table>{parameters}</table>{bodies}<table>{answers}</table></details>"
    )


def _rights() -> Iterator[str]:
    for command in (*READING, *COMMANDS):
        yield f"<tr><td><code>{escape(command)}</code><td>{escape(line(command))}"


def _schemas(openapi: dict[str, Any]) -> Iterator[str]:
    for name, schema in openapi.get("components", {}).get("schemas", {}).items():
        text = json.dumps(schema, ensure_ascii=False, indent=2)
        yield f"<details id={escape(name)}><summary><code>{escape(name)}</code></summary>"
        yield f"<pre>{escape(text)}</pre></details>"


def _link(schema: dict[str, Any]) -> str:
    name = _name(schema)
    if name:
        return f"<a href='#{escape(name)}'><code>{escape(name)}</code></a>"
    return f"<code>{escape(_short(schema))}</code>"


def _name(schema: dict[str, Any]) -> str | None:
    reference = schema.get("$ref")
    return reference.rpartition("/")[2] if reference else None


def _short(schema: dict[str, Any]) -> str:
    return _name(schema) or json.dumps(schema, ensure_ascii=False)

"""The server's method names and parameters against the machine-readable Bot API, where that file is at hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.demo.server import methods

SPEC = Path(__file__).parents[3] / "shared" / "bot-api-methods.json"
pytestmark = pytest.mark.skipif(not SPEC.is_file(), reason="bot-api-methods.json is not beside this checkout")
READ = re.compile(r"args\.(?:text|integer|flag|json|objects?|upload)\(\s*\"(\w+)\"")
# Fields of objects inside parameters, read by the same words.
INNER = {"has_spoiler", "photo", "document", "media", "drop_pending_updates"}


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SPEC.read_text())
    return loaded


def test_every_method_exists(spec: dict[str, Any]) -> None:
    assert set(methods.METHODS) <= set(spec["methods"])


def test_every_parameter_read_is_a_parameter_of_some_method_known_here(spec: dict[str, Any]) -> None:
    known = {parameter["name"] for name in methods.METHODS for parameter in spec["methods"][name]}
    folder = Path(methods.__file__).parent
    read = {name for path in folder.glob("*.py") for name in READ.findall(path.read_text())}
    assert read - known - INNER == set()
    assert len(read) > 20


def test_a_rich_block_has_the_fields_of_its_type(spec: dict[str, Any]) -> None:
    from bot.demo.server import rich

    names = {"heading": "SectionHeading", "paragraph": "Paragraph", "table": "Table", "list": "List",
             "details": "Details", "buttons": "Buttons", "footer": "Footer", "divider": "Divider",
             "pre": "Preformatted", "blockquote": "BlockQuotation"}  # fmt: skip
    html = (
        "<h1>a</h1><p>b</p><table bordered><caption>c</caption><tr><td>d</td></tr></table><ul><li>e</li></ul>"
        "<details open><summary>f</summary>g</details><tg-button-row><tg-button data='h'>i</tg-button></tg-button-row>"
        "<footer>j</footer><hr><pre><code class='language-sh'>k</code></pre><blockquote>l<cite>m</cite></blockquote>"
    )
    blocks = rich.parse(html, lambda _: {}, with_buttons=True)
    assert {block["type"] for block in blocks} == set(names)
    for block in blocks:
        fields = {field["name"]: field["required"] for field in spec["types"][f"RichBlock{names[block['type']]}"]}
        assert set(block) <= set(fields)
        assert {name for name, required in fields.items() if required} <= set(block)

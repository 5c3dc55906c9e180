"""Whatever a bot sends, it gets an answer of Telegram's kind: a result or a refusal, never a crash."""

from __future__ import annotations

import inspect
import json
from datetime import datetime, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.demo.server import LocalTelegram
from bot.demo.server.arguments import Arguments
from bot.demo.server.errors import ApiError
from bot.demo.server.files import Upload
from bot.demo.server.local import GROUP_ID
from bot.demo.server.methods import METHODS
from tests.demo.conftest import ADA, PEOPLE, TOKEN
from tests.demo.test_sending import png

NAMES = (
    "chat_id message_id user_id text caption parse_mode entities caption_entities reply_markup reply_parameters "
    "reply_to_message_id photo document media action commands scope language_code callback_query_id message_ids "
    "reaction tag file_id rich_message ephemeral_message_parameters receiver_user_id ephemeral_message_id draft_id "
    "allowed_updates url description link_preview_options"
).split()
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 200), st.text(max_size=8),
    st.sampled_from([ADA, GROUP_ID, 1, 0, "<b>", "html", "attach://a", "photo", "x", "typing", "default", "chat"]),
)  # fmt: skip
keys = st.sampled_from(
    "text callback_data url copy_text style inline_keyboard type media chat_id user_id message_id emoji command "
    "offset description html blocks cells receiver_user_id callback_query_id ephemeral_message_id id length "
    "label items".split()
)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, object]]:
    method = draw(st.sampled_from(sorted(set(METHODS) - {"getUpdates"})))
    parameters = draw(st.dictionaries(st.sampled_from(NAMES), values, max_size=5))
    parameters.setdefault("chat_id", draw(st.sampled_from([ADA, GROUP_ID])))
    parameters.setdefault("message_id", 1)
    return method, {key: json.dumps(v) if isinstance(v, list | dict) else v for key, v in parameters.items()}


tags = st.sampled_from(
    "<b> </b> <p> </p> <table> </table> <tr> </tr> <td> </td> <ul> <li> </li> </ul> <details> </details> <summary> "
    "</summary> <tg-button> </tg-button> <tg-button-row> </tg-button-row> <img/> <br> x & < <td_colspan=x>".split()
)


@given(st.lists(tags, max_size=12).map("".join))
def test_rich_html_is_read_or_refused(html: str) -> None:
    server = LocalTelegram(TOKEN, "lab_bot", PEOPLE, "Lab", lambda: datetime(2026, 11, 25, tzinfo=timezone.utc))
    message = {"html": html.replace("_", " ")}
    try:
        sent = METHODS["sendRichMessage"](server.core, Arguments({"chat_id": GROUP_ID, "rich_message": message}))
    except ApiError:
        return
    assert sent["rich_message"]["blocks"]


@settings(max_examples=150)
@given(st.lists(calls(), min_size=1, max_size=3))
def test_junk_is_refused_and_never_breaks_the_server(script: list[tuple[str, dict[str, object]]]) -> None:
    server = LocalTelegram(TOKEN, "lab_bot", PEOPLE, "Lab", lambda: datetime(2026, 11, 25, tzinfo=timezone.utc))
    server.people.start(ADA)
    server.people.say(ADA, GROUP_ID, "hello")
    METHODS["sendPhoto"](server.core, Arguments({"chat_id": ADA}, {"photo": Upload("x.png", png(2, 2), "image/png")}))
    for name, parameters in script:
        try:
            result = METHODS[name](server.core, Arguments(parameters, {"a": Upload("a", b"a", "text/plain")}))
        except ApiError:
            continue
        assert not inspect.isawaitable(result)
        json.dumps(result)
    json.dumps(server.page.snapshot())

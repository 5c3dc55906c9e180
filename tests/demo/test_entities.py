"""Telegram's HTML and the entities it finds by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.server.detect import tidy
from bot.demo.server.entities import Entity, Formatted, as_html, utf16_length, utf16_slice
from bot.demo.server.html_reader import TAG_TYPES, EntityError, parse_html


def kinds(message: Formatted) -> list[tuple[str, str]]:
    return [(e["type"], utf16_slice(message.text, e["offset"], e["length"])) for e in message.entities]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<b>a</b> <strong>b</strong>", [("bold", "a"), ("bold", "b")]),
        ("<i>a</i><em>b</em>", [("italic", "a"), ("italic", "b")]),
        ("<u>a</u><ins>b</ins>", [("underline", "a"), ("underline", "b")]),
        ("<s>a</s><strike>b</strike><del>c</del>", [("strikethrough", x) for x in "abc"]),
        ('<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>', [("spoiler", "a"), ("spoiler", "b")]),
        ("<code>a</code><pre>b</pre>", [("code", "a"), ("pre", "b")]),
        ("<blockquote>a</blockquote>", [("blockquote", "a")]),
        ("<blockquote expandable>a</blockquote>", [("expandable_blockquote", "a")]),
        ("<b>a <i>b</i></b>", [("bold", "a b"), ("italic", "b")]),
        ("<B>a</B>", [("bold", "a")]),
        ("<b></b>x", []),
    ],
)
def test_tags_become_entities(source: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(parse_html(source)) == expected


def test_offsets_count_utf16_units() -> None:
    (entity,) = parse_html("🐼🐼 <b>熊猫🐼</b>").entities
    assert (entity["offset"], entity["length"]) == (5, 4)


def test_a_pre_keeps_the_language_of_its_code() -> None:
    (entity,) = parse_html('<pre><code class="language-bash">ls</code></pre>').entities
    assert (entity["type"], entity["language"]) == ("pre", "bash")
    (lonely,) = parse_html('<code class="language-bash">ls</code>').entities
    assert lonely == {"type": "code", "offset": 0, "length": 2}


def test_links_mentions_and_times_carry_what_they_mean() -> None:
    message = parse_html(
        '<a href="https://example.org/?a=1&amp;b=2">x</a><a href="tg://user?id=7">y</a>'
        '<tg-time unix="1795586173" format="wt">Fri 18:00</tg-time>'
    )
    link, mention, time = message.entities
    assert link["url"] == "https://example.org/?a=1&b=2"
    assert mention["user"] == {"id": 7}
    assert (time["type"], time["unix_time"], time["date_time_format"]) == ("date_time", 1795586173, "wt")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("&lt;&gt;&amp;&quot;", '<>&"'),
        ("&#x27;&#39;", "''"),
        ("&nbsp;&apos;", "&nbsp;&apos;"),
        ("&#0;", "&#0;"),
        ("a & b", "a & b"),
        ("&lt", "<"),
    ],
)
def test_only_four_named_references_exist(source: str, text: str) -> None:
    assert parse_html(source).text == text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<x>a</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("熊<3", "Unclosed start tag at byte offset 3"),
        ("a <b>b", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ('<a href="x>x</a>', "Unclosed start tag at byte offset 0"),
        ("<b =1>x</b>", 'Empty attribute name in the tag "b" at byte offset 0'),
        ("<a href=x/y>x</a>", "Unexpected end of name token at byte offset 8"),
        ('<tg-time unix="soon">x</tg-time>', 'Invalid date specified in the tag "tg-time"'),
    ],
)
def test_bad_markup_is_refused_in_telegrams_words(source: str, words: str) -> None:
    with pytest.raises(EntityError) as caught:
        parse_html(source)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/gpus", [("bot_command", "/gpus")]),
        ("/gpus@lab_bot now", [("bot_command", "/gpus@lab_bot")]),
        ("看看/gpus", []),
        ("/gpus看看", []),
        ("/gpus 看看", [("bot_command", "/gpus")]),
        ("and/or", []),
        ("hi @bowen!", [("mention", "@bowen")]),
        ("me@example.org", [("email", "me@example.org")]),
        ("see https://example.org/a?b=1.", [("url", "https://example.org/a?b=1")]),
        ("t.me/lab_bot?start=x_1", [("url", "t.me/lab_bot?start=x_1")]),
        ("#gpu0 ok", [("hashtag", "#gpu0")]),
        ("#1", []),
        ("8.5 and 1.2.3", []),
    ],
)
def test_what_telegram_finds_by_itself(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(tidy(Formatted(text))) == expected


def test_nothing_is_found_inside_code() -> None:
    assert kinds(tidy(parse_html("<code>/gpus</code> /gpus"))) == [("code", "/gpus"), ("bot_command", "/gpus")]


def test_code_is_plain_inside_bold() -> None:
    assert kinds(tidy(parse_html("<b>a <code>b</code> c</b>"))) == [("bold", "a "), ("code", "b"), ("bold", " c")]


def test_white_space_around_a_message_goes_and_entities_move() -> None:
    message = tidy(parse_html("\n  <b> a</b> \n"))
    assert (message.text, kinds(message)) == ("a", [("bold", "a")])


simple_tags = st.sampled_from(["b", "i", "u", "s", "tg-spoiler", "code", "pre", "blockquote"])
words = st.text(alphabet=st.sampled_from("ab 熊🐼<>&\"'"), min_size=1, max_size=6)


@st.composite
def messages(draw: st.DrawFn) -> Formatted:
    """Texts with entities side by side, each around some words."""
    text, entities = "", []
    for piece in draw(st.lists(words, min_size=1, max_size=5)):
        if draw(st.booleans()):
            kind = TAG_TYPES[draw(simple_tags)]
            entity: Entity = {"type": kind, "offset": utf16_length(text), "length": utf16_length(piece)}
            entities.append(entity)
        text += piece
    return Formatted(text, tuple(entities))


@given(messages())
def test_html_written_is_html_read(message: Formatted) -> None:
    assert parse_html(as_html(message.text, message.entities)) == message


@given(st.text(alphabet=st.sampled_from("<>/&;=\"' abtg-#x3熊🐼"), max_size=40))
def test_any_text_is_read_or_refused_but_never_breaks(source: str) -> None:
    try:
        message = parse_html(source)
    except EntityError:
        return
    size = utf16_length(message.text)
    assert all(0 <= e["offset"] < e["offset"] + e["length"] <= size for e in message.entities)

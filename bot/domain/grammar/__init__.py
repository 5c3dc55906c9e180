"""How people write cards, times and amounts, in English and Chinese; `bot.domain.phrase` is the face.

A text is spelt one way and scanned into tokens; a row of tokens is folded into a booking; a sentence of the group is
asked first what it does.

    spelling    one spelling for full-width, upper-case and traditional characters; the note after '#'
    atoms       what words can stand for: cards, a length, a moment, memory, a mark such as "until"
    numbers     两, twelve, 3.5
    durations   48h, 两天半, an hour and a half
    cards       gpu0-3, 0号卡, 2x a100, 随便一张
    amounts     10G, 一半
    moments     tomorrow 9:00, 今晚10点, next monday
    instants    which instant of the calendar that is
    scan        a text as a row of tokens
    booking     such a row as cards, memory and times; windows has the times, folded what is gathered
    errors      everything that can be wrong with a phrase
    acts        what a sentence does: reserve, release, extend, ask, or nothing
    verbs, questions, silence   its word lists: what says so, what asks, and what keeps the bot silent
    skeletons   a sentence with capitals for its tokens, which those lists are matched against
    words       word lists as patterns
"""

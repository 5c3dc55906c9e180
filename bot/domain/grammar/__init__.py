"""How people write cards, times and amounts, in English and Chinese; `bot.domain.phrase` is the face.

spelling    one spelling for full-width, upper-case and traditional characters
numbers     两, twelve, 3.5
durations   48h, 两天半, an hour and a half
cards       gpu0-3, 0号卡, 2x a100, 随便一张
amounts     10G, 一半
moments     tomorrow 9:00, 今晚10点, next monday; and which instant that is
scan        a text as a row of these
booking     such a row as a window, cards and memory
acts        what a sentence in the group does: reserve, release, extend, ask, or nothing
"""

"""Pictures that a person would rather look at than read: the calendar and the cards' last day.

Every picture is made in two steps. Layout is a pure function from values to a `Scene`, a list of shapes in points;
tests look at that. `canvas.paint` turns a scene into a PNG. Nothing here reads a clock, a file of ours or a database.

Pillow draws: it is the best kept of the candidates, its wheels bring FreeType and HarfBuzz along, and it costs about
20 MB. (cairo needs system libraries, skia and a browser cost several times the memory.)
"""

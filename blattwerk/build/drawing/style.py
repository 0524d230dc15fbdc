"""What all drawings share: the room on the page, the colours, and the fonts and strokes that go with the text."""

from typing import Any

TEXT_WIDTH = 16.0  # of the page, in centimetres
COLOURS = ("#0b4f6c", "#e8a33d", "#8d9db6", "#5c2a4d")  # dark, light, middle: apart in grey, and for the colour-blind

# Settings of matplotlib: Computer Modern, which the Latin Modern of the text is drawn after.
STYLE: Any = {
    "font.family": "serif",
    "font.serif": ["cmr10"],
    "mathtext.fontset": "cm",
    "axes.formatter.use_mathtext": True,
    "font.size": 9.0,
    "axes.linewidth": 0.6,
    "hatch.linewidth": 0.5,
    "pdf.fonttype": 3,
}
# The same for drawings with words: cmr10 has no umlauts.
STYLE_OF_WORDS: Any = STYLE | {"font.serif": ["STIXGeneral"], "mathtext.fontset": "stix"}

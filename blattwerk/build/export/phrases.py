"""The words that a bank adds to what the templates say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blattwerk.vocabulary.language import Lang


@dataclass(frozen=True)
class Phrase:
    """The words of one language."""

    sheet: str
    variant: str
    choice: str
    kinds: Mapping[str, str]
    nearly: str
    finite: str
    mistake: str
    numbers: str
    places: str
    several: str
    joined: str

    def type_numbers(self, places: Sequence[int]) -> str:
        """How numbers are typed: with how many places, and with which sign before them."""
        if not places:
            return self.numbers
        said = f" {self.joined} ".join(map(str, places))
        return f"{self.numbers} {(self.places if places[-1:] == [1] else self.several).format(said)}"


_PHRASES: Mapping[Lang, Phrase] = {
    "en": Phrase(
        sheet="Sheet",
        variant="variant",
        choice="multiple choice",
        kinds={"compute": "compute", "proof": "proof", "discussion": "discussion"},
        nearly="Right but for the last place. Keep more places on the way, and round at the end.",
        finite="a finite number",
        mistake="Not yet. Probably this happened:",
        numbers="Here, type decimal numbers with a point instead of fractions, and no units.",
        places="Give at least {} decimal place.",
        several="Give at least {} decimal places.",
        joined="or",
    ),
    "de": Phrase(
        sheet="Blatt",
        variant="Variante",
        choice="Auswahl",
        kinds={"compute": "Rechnung", "proof": "Beweis", "discussion": "Diskussion"},
        nearly="Bis auf die letzte Stelle richtig. Rechnen Sie mit mehr Stellen und runden Sie erst am Ende.",
        finite="eine endliche Zahl",
        mistake="Noch nicht. Vermutlich ist Folgendes passiert:",
        numbers=(
            "Geben Sie hier statt Brüchen Dezimalzahlen ein, ohne Einheiten; auf einer englischen Moodle-Seite mit "
            "Punkt, auf einer deutschen mit Komma."
        ),
        places="Mindestens {} Nachkommastelle.",
        several="Mindestens {} Nachkommastellen.",
        joined="oder",
    ),
}


def phrases_in(lang: Lang) -> Phrase:
    """The words of a language."""
    return _PHRASES[lang]

"""What a topic is written in: the names that a topic imports, from one place.

    from blattwerk.vocabulary import Exercise, Part, derive, log, number, close, ...

Rooms for special needs stand beside it: `exact` (sums of logarithms, finite distributions, binary units), `matrices`,
`figures`, `slopes` (derivatives to compare gradients with), and `terms` with `writers` for a new kind of term.
"""

from blattwerk.vocabulary.derivation import Derivation, derive, exactly, positive, real, simplex, unit, vector
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exact.log_sums import LogSum, log_of, rational, sum_of
from blattwerk.vocabulary.exercise import Answer, Difficulty, Exercise, Part
from blattwerk.vocabulary.functions import column_term, exp, log, matrix_term, number, sqrt, summed
from blattwerk.vocabulary.language import Localised
from blattwerk.vocabulary.mistakes import Step, rightly
from blattwerk.vocabulary.oracles import Comparison, all_close, close, equal, holds
from blattwerk.vocabulary.steps import called
from blattwerk.vocabulary.terms import MP, At, Env, Named, Sym, Term, Value, product, total

__all__ = [
    "MP",
    "Answer",
    "At",
    "Comparison",
    "Derivation",
    "Difficulty",
    "Draws",
    "Env",
    "Exercise",
    "Localised",
    "LogSum",
    "Named",
    "Part",
    "Step",
    "Sym",
    "Term",
    "Value",
    "all_close",
    "called",
    "close",
    "column_term",
    "derive",
    "equal",
    "exactly",
    "exp",
    "holds",
    "log",
    "log_of",
    "matrix_term",
    "number",
    "positive",
    "product",
    "rational",
    "real",
    "rightly",
    "simplex",
    "sqrt",
    "sum_of",
    "summed",
    "total",
    "unit",
    "vector",
]

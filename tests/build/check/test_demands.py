"""Each demand finds a topic that does not keep it, names the place, and says what is wrong."""

import pytest

from blattwerk.build.check import on_page
from blattwerk.build.check.alone import parts_alone_set_by_tex, same_numbers_alone
from blattwerk.build.check.check import DEMANDS, check
from blattwerk.build.check.claims import claims_in_both_languages, claims_used
from blattwerk.build.check.complaint import Demand
from blattwerk.build.check.decimals import decimals_tell
from blattwerk.build.check.definitions import definitions_agree
from blattwerk.build.check.displayed import answers_displayed, parameters_given
from blattwerk.build.check.draws import different_in_a_class, drawn_the_same_twice, exact, names_drawn_once
from blattwerk.build.check.figures import figures_described
from blattwerk.build.check.independence import oracles_independent
from blattwerk.build.check.mistakes import mistakes_known
from blattwerk.build.check.naming import named
from blattwerk.build.check.one_name import names_mean_one_value
from blattwerk.build.check.paper import set_by_tex
from blattwerk.build.check.parity import same_blocks, same_names, same_numbers
from blattwerk.build.check.planted import planted_errors_found
from blattwerk.build.check.proofs import answers_confirmed_twice, changes_found, proven
from blattwerk.build.check.relations import relations_accounted
from blattwerk.build.check.typed_numbers import numbers_not_typed
from tests.build.check.conftest import Broken
from tests.build.check.foreign import Change, line, where

SEEDS = 2


def solver(old: str, new: str) -> Change:
    """A change of the solver."""
    return "solver.py", old, new


def topic(old: str, new: str) -> Change:
    """A change of the draws or the constant."""
    return "topic.py", old, new


def german(old: str, new: str) -> Change:
    """A change of the German template."""
    return "de.tex.j2", old, new


def english(old: str, new: str) -> Change:
    """A change of the English template."""
    return "en.tex.j2", old, new


AROUND = "def _around(width: Fraction, height: Fraction) -> Fraction:\n    return 2 * (width + height)\n"
IMPORT = "from fractions import Fraction\n"
ALONE = "Er ist das Doppelte"
ALONE_EN = "It is twice"
SIZE = "    height: Fraction\n\n    @property\n    def size(self):\n        return self.width * self.height\n"
CLAIMING = '<% call claim("longer") %>\nIt is twice the sum of both sides:\n<% endcall %>'
CLAIMS = "def claims(params, solution):\n    return {'longer': True}\n\n\noracles = "
CLAIMED = (
    solver("oracles = ", CLAIMS.replace("'", '"')),
    topic("    oracles=", "    claims=solver.claims,\n    oracles="),
)
FIGURE = "    figures=lambda params, solution: {'f': Figure(Localised('A box', ''))},\n    oracles=solver.oracles,\n"
FIGURES = "from blattwerk.vocabulary.figures import Figure\nfrom blattwerk.vocabulary import"
TWICE_CALLED = 'derive(called("s", solution.area) + called("s", 0))'
ROUNDED = "from blattwerk.vocabulary.functions import rounded_to\nfrom blattwerk.vocabulary import"
ABOUT = '.eq(solution.area).then("~", rounded_to(number(solution.area)))'
# The demand, what is changed, the line that is to be named (by what stands in it), and a word of the message.
TABLE: tuple[tuple[Demand, tuple[Change, ...], tuple[str, str], str], ...] = (
    (named, (topic('"Ein Rechteck"', '""'),), ("topic.py", ""), "there is no title in 'de'"),
    (
        named,
        (topic('Part("area", "compute", {"value": 1})', 'Part("area", "compute", {})'),),
        ("topic.py", ""),
        "no points",
    ),
    (named, (topic('Part("area"', 'Part("boundary"'),), ("topic.py", ""), "2 parts are named 'boundary'"),
    (
        names_drawn_once,
        (topic('fraction("height", 101', 'fraction("width", 102'),),
        ("topic.py", "height = "),
        "'width' is drawn twice",
    ),
    (
        drawn_the_same_twice,
        (
            topic("from blattwerk", f"{IMPORT}from random import randint\n\nfrom blattwerk"),
            topic('draws.fraction("height", 101, 999, 10)', "Fraction(randint(1, 10**6))"),
        ),
        ("topic.py", "def draw"),
        "drawn twice, the numbers differ",
    ),
    (
        drawn_the_same_twice,
        (
            solver(IMPORT, f"{IMPORT}from itertools import count\n\nCALLS = count()\n"),
            solver("params.width * params.height,", "params.width * next(CALLS),"),
        ),
        ("solver.py", "def solve"),
        "solved twice, the solutions differ",
    ),
    (drawn_the_same_twice, (solver("width: Fraction\n", "width: object\n"),), ("topic.py", "def draw"), "from JSON"),
    (
        exact,
        (solver("Solution(params.width * params.height", "Solution(float(params.width * params.height)"),),
        ("solver.py", "def solve"),
        "solution.area is a float",
    ),
    (
        exact,
        (topic("Params(width, height)", "Params(width, [height])"),),
        ("topic.py", "def draw"),
        "params.height is a list",
    ),
    (
        different_in_a_class,
        (topic("101, 999", "101, 120"), topic("101, 999", "101, 120")),
        ("topic.py", "def draw"),
        "1000 students get",
    ),
    (
        different_in_a_class,
        (topic("    oracles=", "    offers=3,\n    oracles="),),
        ("topic.py", "def draw"),
        "`offers` says 3",
    ),
    (
        proven,
        (solver("2 * strips * STRIP", "3 * strips * STRIP"),),
        ("solver.py", "def by_strips"),
        "the oracle by_strips disagrees about 'boundary'",
    ),
    (
        proven,
        (solver("derive(width * height)", "derive(width + height)"),),
        ("solver.py", "def derivations"),
        "derivation 'area', step 1",
    ),
    (proven, (solver("(by_corners, by_strips)", "(by_corners,)"),), ("topic.py", ""), "needs two"),
    (
        proven,
        (solver(".eq(solution.area)", ".eq(solution.area, cited=True)"),),
        ("solver.py", "def derivations"),
        "only cited",
    ),
    (proven, (solver("int(params.height / STRIP)", "1 // 0"),), ("solver.py", "1 // 0"), "ZeroDivisionError"),
    (
        answers_confirmed_twice,
        (solver('    yield equal("boundary", solution.boundary, params', '    equal("", solution.boundary, params'),),
        ("solver.py", "def answers"),
        "the answer 'boundary' is compared by by_corners; two must name it",
    ),
    (
        answers_confirmed_twice,
        (solver('"boundary", "boundary", number', '"boundary", "bondary", number'),),
        ("solver.py", "def answers"),
        "a part 'bondary' that does not exist",
    ),
    (
        answers_confirmed_twice,
        (solver(', symbol="U"', ""),),
        ("solver.py", "def answers"),
        "the answer 'boundary' has no symbol",
    ),
    (
        answers_confirmed_twice,
        (solver('Answer("boundary"', 'Answer("area"'),),
        ("solver.py", "def answers"),
        "2 answers are named 'area'",
    ),
    (
        changes_found,
        (solver("    boundary: Fraction\n", "    boundary: Fraction\n    sides: tuple[int, ...] = (2, 2)\n"),),
        ("solver.py", "def solve"),
        "solution.sides[1] can be changed",
    ),
    (
        oracles_independent,
        (solver("params.width + params.width + 2 * strips * STRIP", "_around(params.width, params.height)"),),
        ("solver.py", "def by_strips"),
        "uses _around, and solve() computes with it too",
    ),
    (  # the helper lies in another module, and goes by another name
        oracles_independent,
        (
            ("helpers.py", "", f"{IMPORT}\n\n{AROUND.replace('_around', 'around')}"),
            solver(AROUND, ""),
            solver(IMPORT, f"{IMPORT}from PACKAGE import helpers\nfrom PACKAGE.helpers import around as _around\n"),
            solver("params.width + params.width + 2 * strips * STRIP", "helpers.around(params.width, params.height)"),
        ),
        ("solver.py", "def by_strips"),
        "uses around, and solve() computes with it too",
    ),
    (  # a property of Params
        oracles_independent,
        (
            solver("    height: Fraction\n", SIZE),
            solver("Solution(params.width * params.height", "Solution(params.size"),
            solver("sum((params.width * STRIP for _ in range(strips)), Fraction(0))", "params.size"),
        ),
        ("solver.py", "def by_strips"),
        "uses Params.size, and solve() computes with it too",
    ),
    (  # the same error in it is there for all
        planted_errors_found,
        (
            solver("    height: Fraction\n", SIZE),
            solver("Solution(params.width * params.height", "Solution(params.size"),
            solver("sum((params.width * STRIP for _ in range(strips)), Fraction(0))", "params.size"),
            solver("Fraction(sum(a * d - b * c for (a, b), (c, d) in pairs)) / 2", "params.size"),
        ),
        ("solver.py", "return self.width * self.height"),
        "another operation (`self.width * self.height` made `self.width / self.height`) changes the solution",
    ),
    (
        planted_errors_found,
        (
            solver("solution.boundary, params.width +", "solution.boundary, solution.boundary or params.width +"),
            solver("solution.boundary, sum", "solution.boundary, solution.boundary or sum"),
        ),
        ("solver.py", "return 2 * (width + height)"),
        "a constant off by one (`2` made `3`) changes the solution, and no oracle objects",
    ),
    (  # the same in another module
        planted_errors_found,
        (
            ("helpers.py", "", f"{IMPORT}\n\n{AROUND.replace('_around', 'around')}"),
            solver(AROUND, ""),
            solver(IMPORT, f"{IMPORT}from PACKAGE.helpers import around as _around\n"),
            solver("solution.boundary, params.width +", "solution.boundary, solution.boundary or params.width +"),
            solver("solution.boundary, sum", "solution.boundary, solution.boundary or sum"),
        ),
        ("helpers.py", "return 2 * (width + height)"),
        "(`2` made `3`)",
    ),
    (
        planted_errors_found,
        (
            solver(
                "@dataclass(frozen=True)\nclass Solution",
                "BOTH = [lambda w, h: (w * h, 2 * (w + h))]\n\n\n@dataclass(frozen=True)\nclass Solution",
            ),
            solver("Solution(params.width * params.height, _around(params.width, params.height))", "_made(params, 1)"),
            solver(AROUND, "def _made(params, unused):\n    return Solution(*BOTH[0](params.width, params.height))\n"),
        ),
        ("solver.py", "def solve"),
        "planted errors change a solution",
    ),
    (
        figures_described,
        (
            topic("    oracles=solver.oracles,\n", FIGURE),
            topic("from blattwerk.vocabulary import", FIGURES),
        ),
        ("topic.py", "figures="),
        "the figure 'f' has no alternative text in 'de'",
    ),
    (
        same_blocks,
        (german("<% block area_hint %>\nMultiplizieren Sie.\n<% endblock %>\n", ""),),
        ("de.tex.j2", ""),
        "there is no block 'area_hint'; the other language has it",
    ),
    (
        same_names,
        (german("Er hat vier Seiten.", "Er hat vier Seiten, \\(<< params.width >>\\) und so fort."),),
        ("de.tex.j2", "block boundary_hint"),
        "the block 'boundary_hint' uses other names than in en: en lacks params, params.width",
    ),
    (
        same_numbers,
        (german("Er hat vier Seiten.", "Er hat 4 Seiten."),),
        ("de.tex.j2", "block boundary_hint"),
        "the block 'boundary_hint' prints other numbers: en lacks 4",
    ),
    (
        same_numbers_alone,
        (
            german(ALONE, f'<% if not shown("area") %>Es gibt 4 Seiten. <% endif %>{ALONE}'),
            english(ALONE_EN, f'<% if not shown("area") %>There are four sides. <% endif %>{ALONE_EN}'),
        ),
        ("de.tex.j2", "block boundary_solution"),
        "prints other numbers: en lacks 4 (the part 'boundary' alone)",
    ),
    (
        mistakes_known,
        (
            solver(
                "def solve(params: Params)", "def solve(params: Params, step=lambda name, value, **instead: value())"
            ),
            solver("params.width * params.height,", 'step("area", lambda: params.width * params.height, half=int),'),
        ),
        ("solver.py", "def solve"),
        "solve() can make the mistake 'half', which no part with computations lists",
    ),
    (
        answers_displayed,
        (german("<< steps(derivations.area) >>\n<< result(answers.area) >>", "<< params.width >>"),),
        ("de.tex.j2", "block area_solution"),
        "the answer 'area' is displayed nowhere",
    ),
    (
        parameters_given,
        (english("wide and \\(b = << params.height >>\\) high", "wide"),),
        ("en.tex.j2", "block area_question"),
        "params.height changes the solution of 'area', but neither the introduction nor the question",
    ),
    (
        numbers_not_typed,
        (topic('"width", 101, 999', '"width", 101, 103'), english(ALONE_EN, "As \\(a\\) is 10.2, it is twice")),
        ("en.tex.j2", "10.2"),
        "'10.2' is typed, and it is a number of the draw of seed ",
    ),
    (
        claims_in_both_languages,
        (*CLAIMED, english("It is twice the sum of both sides:", CLAIMING)),
        ("en.tex.j2", "claim("),
        "the claim 'longer' is not made in 'de'",
    ),
    (
        claims_in_both_languages,
        (english("It is twice the sum of both sides:", CLAIMING),),
        ("en.tex.j2", "claim("),
        "the solver's claims() says nothing of 'longer'",
    ),
    (claims_used, CLAIMED, ("solver.py", "def claims"), "the claim 'longer' stands in no sentence of the template"),
    (
        relations_accounted,
        (german(ALONE, "Es ist \\(U > 0\\). Er ist das Doppelte"),),
        ("de.tex.j2", "U > 0"),
        "comes from nothing that was checked",
    ),
    (
        definitions_agree,
        (english(ALONE_EN, '<< defined("a = 3") >> It is twice'),),
        ("en.tex.j2", "block boundary_solution"),
        "the definition of 'a' says 3, the question ",
    ),
    (
        definitions_agree,
        (english(ALONE_EN, '<< defined("d = 3") >> and << defined("d = 4") >>. It is twice'),),
        ("en.tex.j2", "block boundary_solution"),
        "the definition of 'd' is not the only one: 3 and 4",
    ),
    (
        definitions_agree,
        (english(ALONE_EN, '<< defined("U = 3") >>. It is twice'),),
        ("en.tex.j2", "block boundary_solution"),
        "the definition of 'U' says 3, a derivation ",
    ),
    (
        names_mean_one_value,
        (solver("Derivation, derive", "Derivation, called, derive"), solver("derive(width * height)", TWICE_CALLED)),
        ("solver.py", "def derivations"),
        "'s' stands for two different values, in the derivations 'area' and 'area'",
    ),
    (
        decimals_tell,
        (solver("from blattwerk.vocabulary import", ROUNDED), solver(".eq(solution.area)", ABOUT)),
        ("solver.py", "def derivations"),
        "in the derivation 'area', ",
    ),
    (set_by_tex, (german(ALONE, f"\\nothing {ALONE}"),), ("de.tex.j2", "\\nothing"), "Undefined control sequence"),
    (set_by_tex, (german("Die Fläche.", "Die Fläche 面."),), ("de.tex.j2", "面"), ", de, seed 0, easy)"),
    (
        set_by_tex,
        (english("Multiply.", "Multiply. \\rule{30cm}{1pt}"),),
        ("en.tex.j2", "\\rule{30cm}"),
        "sticks out of the margin by",
    ),
    (
        set_by_tex,
        (
            topic("    oracles=solver.oracles,\n", FIGURE.replace("''", "'Ein Kasten'")),
            topic("from blattwerk.vocabulary import", FIGURES),
            german("Die Fläche.", 'Die Fläche. << figure("f") >>'),
        ),
        ("topic.py", ""),
        "a Figure cannot be drawn",
    ),
    (set_by_tex, (german("breit und", "breit << 1 // 0 >> und"),), ("de.tex.j2", "1 // 0"), "ZeroDivisionError"),
    (
        parts_alone_set_by_tex,
        (german(ALONE, f'<% if not shown("area") %><< params.depth >><% endif %>{ALONE}'),),
        ("de.tex.j2", "params.depth"),
        "'depth'",
    ),
    (
        parts_alone_set_by_tex,
        (english(ALONE_EN, f'Other than in << letter("area") >>: {ALONE_EN}'),),
        ("en.tex.j2", "Other than"),
        "(en, the part 'boundary' alone, seed 1, standard)",
    ),
    (
        parts_alone_set_by_tex,
        (english(ALONE_EN, f'<% if not shown("area") %>\\nothing<% endif %> {ALONE_EN}'),),
        ("en.tex.j2", "\\nothing"),
        "the part 'boundary' alone",
    ),
)


def test_a_whole_topic_keeps_all_demands(broken: Broken) -> None:
    """Wherever it lives: this one lies in another package."""
    topic, _ = broken()
    assert check(topic, SEEDS) == ()


@pytest.mark.parametrize(
    ("demand", "changes", "expected", "word"), TABLE, ids=[f"{row[0].__name__}-{n}" for n, row in enumerate(TABLE)]
)
def test_a_broken_topic_is_found(
    broken: Broken, demand: Demand, changes: tuple[Change, ...], expected: tuple[str, str], word: str
) -> None:
    """By its demand, at its place."""
    topic, home = broken(*changes)
    found = list(demand(topic, SEEDS))
    file, text = expected
    place = str(where(home, file)) + (f":{line(home, file, text)}" if text else "")
    assert [one for one in found if one.place == place and word in one.message], found
    assert {one.demand for one in found} == {demand.__name__}


def test_every_demand_is_tried() -> None:
    """None is left out of the table; what is asked of topics on one page alone is tried with these."""
    of_pages = {demand for demand in DEMANDS if demand.__module__ == on_page.__name__}
    assert {row[0] for row in TABLE} == set(DEMANDS) - of_pages

"""Draws for the evidence lower bound."""

from fractions import Fraction

from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part
from blattwerk.vocabulary.exact.discrete import Distribution, distributions, is_smooth
from tests.build.topicfile.three_files import elbo_solver as solver
from tests.build.topicfile.three_files.elbo_solver import Params

# The number of values of z, and the denominators of the prior, of the posterior, and of q.
SIZES: dict[Difficulty, int] = {"easy": 2, "standard": 3, "hard": 4}
PRIORS = {2: (2, 3, 4, 5, 6), 3: (3, 4, 5, 6, 8, 9, 10, 12), 4: (5, 6, 8, 9, 10, 12)}
POSTERIORS = {2: (3, 4, 5, 6, 8, 9, 10), 3: (4, 5, 6, 8, 9, 10, 12, 15, 16, 18, 20), 4: (8, 9, 10, 12, 15, 16, 18, 20)}
GUIDES = {2: (3, 4, 5, 6, 8, 10), 3: (4, 5, 6, 8, 9, 10, 12), 4: (5, 6, 8, 10, 12)}
EVIDENCES = tuple(
    sorted({Fraction(k, d) for d in (3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 20) for k in range(1, d) if is_smooth(k)})
)
LARGEST_DENOMINATOR = 20  # of p(x|z)
LARGEST_COEFFICIENT = 120  # in the denominator of a logarithm's coefficient


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """The posterior, the prior and p(x) first; then p(x|z) = p(z|x) p(x) / p(z) has few digits by design."""
    return draws.first(lambda attempt: _proposed(attempt, SIZES[difficulty], difficulty == "hard"))


def _proposed(draws: Draws, size: int, restricted: bool) -> Params | None:
    prior = draws.choice("prior", distributions(PRIORS[size], size))
    posterior = draws.choice("posterior", distributions(POSTERIORS[size], size))
    q = draws.choice("q", distributions(GUIDES[size], size))
    possible = [likelihood for e in EVIDENCES if _short(likelihood := _likelihood(prior, posterior, e))]
    if not possible or not _distinct(posterior, q):
        return None
    kept = draws.sample("kept", range(1, size + 1), 2) if restricted else ()
    params = Params(prior, draws.choice("evidence", possible), q, tuple(sorted(kept)))
    return params if _visible(params) else None


def _likelihood(prior: Distribution, posterior: Distribution, evidence: Fraction) -> tuple[Fraction, ...]:
    """p(x|z) by Bayes' rule."""
    return tuple(b * evidence / a for a, b in zip(prior, posterior, strict=True))


def _short(likelihood: tuple[Fraction, ...]) -> bool:
    """Different probabilities below 1, of few digits."""
    fits = all(value < 1 and value.denominator <= LARGEST_DENOMINATOR for value in likelihood)
    return fits and len(set(likelihood)) == len(likelihood)


def _distinct(posterior: Distribution, q: Distribution) -> bool:
    """No logarithm of 1 in a divergence from the posterior, and q is not uniform."""
    uniform = Fraction(1, len(q))
    return len(set(q)) > 1 and all(a not in (b, uniform) for a, b in zip(posterior, q, strict=True))


def _visible(params: Params) -> bool:
    """No divergence is tiny or large, the coefficients are short, and the set S has a smooth weight below 9/10."""
    s = solver.solve(params)
    if s.restricted is not None:
        share = s.restricted.mass / s.evidence
        if not is_smooth(share.numerator) or not Fraction(1, 4) <= share <= Fraction(9, 10):
            return False
    values = (s.bound, s.divergence, s.uniform_gap)
    short = all(c.denominator <= LARGEST_COEFFICIENT for value in values for _, c in value.coefficients)
    return short and all(0.02 < value.value() < 1 for value in (s.divergence, s.uniform_gap))


EXERCISE = Exercise.of(
    solver,
    draw,
    id="elbo",
    title=Localised("The evidence lower bound", "Die Evidence Lower Bound (ELBO)"),
    parts=(
        Part(
            "jensen", "proof", rubric={"expand": 1, "jensen": 2, "entropy": 1}, mistakes={"direction": 1, "weights": 1}
        ),
        Part(
            "identity",
            "proof",
            rubric={"constant": 1, "product_rule": 1, "split": 1},
            mistakes={"inequality": 1, "reversed": 1},
        ),
        Part("evidence", "compute", rubric={"evidence": 1, "posterior": 2}, mistakes={"normalised": 1}),
        Part(
            "bound",
            "compute",
            rubric={"bound": 2, "divergence": 2, "identity": 1},
            mistakes={"entropy": 1, "rounded": 1},
        ),
        Part("optimal", "proof", rubric={"optimum": 2, "uniform": 2}, mistakes={"only_value": 1, "prior": 2}),
        Part(
            "restricted",
            "proof",
            rubric={"bound": 2, "optimum": 1, "instance": 2},
            mistakes={"not_normalised": 1},
            difficulties=("hard",),
        ),
    ),
)

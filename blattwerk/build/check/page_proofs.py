"""Planted errors in the proofs of a topic on one page: what then stands there otherwise must not hold."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from blattwerk.build.check.on_page import file_of
from blattwerk.build.check.places import shown
from blattwerk.build.check.planted import mutations, what_is_planted
from blattwerk.build.order.catalogue import Topic
from blattwerk.build.topicfile.proving import Proof, proof
from blattwerk.build.topicfile.reading import Fence
from blattwerk.vocabulary.derivation import Derivation, verify


def verdicts_in_proofs(topic: Topic) -> Iterator[tuple[str, str, str]]:
    """For every error in a line of a proof its place, what it is, and whether it is found, silent or the same."""
    made = file_of(topic)
    if made is None:
        return
    for section in (made.page.intro, *made.page.parts):
        for fence in section.fences_of("prove"):
            right = _displayed(proof(fence, made.page.path, made.program.module))
            for line, what, wrong in _planted(fence):
                place = shown(made.page.path, fence.line - 1 + line)
                yield place, what, _verdict(wrong, made.page.path, made.program.module, right)


def _planted(fence: Fence) -> Iterator[tuple[int, str, Fence]]:
    """The line within the fence, what is planted there, and the fence with it; comments, being reasons, stay."""
    lines = fence.code.splitlines()
    for node in ast.walk(ast.parse(fence.code)):
        for kind, wrong in mutations(node):
            if isinstance(node, ast.expr) and node.lineno == node.end_lineno and node.end_col_offset is not None:
                line = lines[node.lineno - 1].encode()
                start, end = line[: node.col_offset].decode(), line[node.end_col_offset :].decode()
                changed = f"{start}({ast.unparse(wrong)}){end}"
                code = "\n".join([*lines[: node.lineno - 1], changed, *lines[node.lineno :]])
                yield node.lineno, what_is_planted(kind, wrong, node), replace(fence, code=code)


def _verdict(fence: Fence, path: str, module: str, right: list[str]) -> str:
    try:
        made = proof(fence, path, module)
        if _displayed(made) == right:
            return "same"
        for number, chain in enumerate(made.chains):
            verify(f"planted {number}", chain)
    except Exception:  # noqa: BLE001  # a proof that breaks down is not printed
        return "found"
    return "silent"


def _displayed(made: Proof) -> list[str]:
    return [text for chain in made.chains for text in _texts(chain)]


def _texts(chain: Derivation) -> Iterator[str]:
    yield chain.start.tex("en")
    for step in chain.steps:
        yield f"{step.relation} {step.term.tex('en')}"

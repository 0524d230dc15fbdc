"""A lecturer's own Markdown as TeX: the Markdown of topic files, without values, and with nothing that defines."""

import re
from functools import lru_cache

from blattwerk.build.topicfile.braces import Wrong
from blattwerk.build.topicfile.prose import prose

# What reads, writes, defines or leaves mathematics. It belongs into a `.tex` file, which is set with more care.
_NOT_MATHEMATICS = re.compile(
    r"\\(?:[gex]?def|long|outer|global|globaldefs|let|futurelet|newcommand|renewcommand|providecommand|new[a-z]+|input"
    r"|include\w*|openin|openout|read|readline|write|immediate|special|catcode|csname|expandafter|directlua|latelua"
    r"|luaexec|pdf\w+|aftergroup|afterassignment|everypar|everymath|end|begingroup|endgroup|bgroup|egroup|makeatletter"
    r"|scantokens|begin|DeclareMathOperator|Declare\w+|AtBegin\w+|AtEnd\w+|label|tag|par|item|href|url|setcounter"
    r"|addtocounter|stepcounter|setlength|usepackage|hskip|vskip|lccode|uccode|mathcode|count|dimen|skip|toks|advance"
    r"|tracing\w+|output|shipout|errmessage|typeout|loop|repeat)(?![A-Za-z])"
)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{([a-zA-Z]+\*?)\}")
_MATHEMATICAL = re.compile(
    r"(aligned|alignedat|gathered|split|[dr]?cases|array|subarray|smallmatrix|[pbBvV]?matrix)\*?"
)
_MATH = re.compile(r"(?<!\\)\$\$(.*?)\$\$|(?<!\\)\$(.*?)(?<!\\)\$", re.DOTALL)
_ASKED = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)


class OwnTextError(ValueError):
    """What cannot be set in a text of one's own: the line, counted from 1, and what is wrong with it."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line, self.what = line, what


@lru_cache(maxsize=512)  # a class has the same texts
def tex_of(text: str) -> tuple[str, ...]:
    """The lines of TeX that a text becomes, one for each of its own lines; raises OwnTextError."""
    _check_mathematics(text)
    _check_braces(text)
    try:
        return prose(_MATH.sub(_apart, text).split("\n"), 1).lines
    except Wrong as error:
        raise OwnTextError(error.line + 1, error.what) from error


def _apart(formula: re.Match[str]) -> str:
    """Double braces ask for a value in a topic file; here they are TeX's."""
    return formula[0].replace("{{", "{ {").replace("}}", "} }").replace("{{", "{ {").replace("}}", "} }")


def _check_braces(text: str) -> None:
    """Whatever double braces ask for outside of formulas and code, `{{box}}` too: it is a command of topic files."""
    words = _MATH.sub(_blank, _CODE.sub(_blank, text))
    if found := _ASKED.search(words):
        line = words.count("\n", 0, found.start()) + 1
        raise OwnTextError(line, "there are no values to print in a text of your own; write it out")


def _blank(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def _check_mathematics(text: str) -> None:
    for found in _MATH.finditer(_CODE.sub(lambda code: " " * len(code[0]), text)):
        inside = found[1] or found[2] or ""
        line = text.count("\n", 0, found.start()) + 1
        if re.search(r"\n[ \t]*\n", inside):
            raise OwnTextError(line, "a formula has an empty line in it")
        environments = [name for name in _ENVIRONMENT.findall(inside) if not _MATHEMATICAL.fullmatch(name)]
        if environments:
            raise OwnTextError(line, f"the environment {environments[0]} is none of mathematics; use a .tex file")
        if command := _NOT_MATHEMATICS.search(_ENVIRONMENT.sub("", inside)):
            raise OwnTextError(line, f"{command[0]} defines, reads or writes, and is no mathematics; use a .tex file")
        if not _balanced(inside):
            raise OwnTextError(line, "a brace has no partner in this formula")


def _balanced(tex: str) -> bool:
    depth = 0
    for sign in re.sub(r"\\.", "", tex, flags=re.DOTALL):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            return False
    return depth == 0

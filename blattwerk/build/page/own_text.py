"""A lecturer's own texts on their way to the page: Markdown, which becomes our TeX, and TeX of their own."""

from collections.abc import Mapping

from blattwerk.build.order.beside import text_in
from blattwerk.build.page.escape import Tex
from blattwerk.build.page.places import Source, mark
from blattwerk.build.page.templating import is_marking, marked_environment
from blattwerk.build.topicfile.own_text import tex_of
from blattwerk.vocabulary.language import Lang, Localised


def own_markdown(text: str, lang: Lang, name: str) -> Tex:
    """A text in Markdown as TeX; `name` says where it stands, for messages."""
    return _with_places(tex_of(text), lang, name)


def own_tex(text: str, lang: Lang, name: str) -> Tex:
    """A lecturer's TeX in a group of its own. The line breaks at its ends keep a comment from hiding what is ours."""
    return Tex(f"\\begin{{owntex}}\n{_with_places(tuple(text.splitlines()), lang, name)}\n\\end{{owntex}}")


def own_content(
    text: Localised | None, file: Localised | None, files: Mapping[str, bytes], lang: Lang, where: str
) -> Tex:
    """A text that stands in the sheet file (`where` says at which key), or in a file."""
    if text:
        return own_markdown(text[lang], lang, where)
    if file is None:
        return Tex("")
    name = file[lang]
    write = own_tex if name.endswith(".tex") else own_markdown
    return write(text_in(files, name), lang, name)


def _with_places(lines: tuple[str, ...], lang: Lang, name: str) -> Tex:
    """The lines, and where marks are wanted, each behind the mark of its place."""
    if not is_marking():
        return Tex("\n".join(lines))
    sources = marked_environment(lang).sources
    marked = []
    for number, line in enumerate(lines, 1):
        sources.append(Source(name, name, number, ""))
        marked.append(f"{mark(len(sources) - 1)}{line}" if line.strip() else line)
    return Tex("\n".join(marked))

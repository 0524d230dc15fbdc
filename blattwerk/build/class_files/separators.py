"""A page between two students' sheets of a print file: who comes next, to be read from afar."""

from fractions import Fraction

from blattwerk.build.order.sheet_file import SheetFile
from blattwerk.build.page.escape import Tex, escape, verbatim
from blattwerk.build.page.header import breakable, sheet_title
from blattwerk.build.page.paper import paper_tex, plain_layout
from blattwerk.build.page.people import named
from blattwerk.build.page.printing import PrintedSheet
from blattwerk.build.page.view import BABEL
from blattwerk.build.store.records import StudentRecord


def separator(sheet: SheetFile, record: StudentRecord) -> PrintedSheet:
    """One page with name, id and group; of a team, with all its members."""
    lang = record.languages[0]
    people = named([record.name, *(one.name for one in record.members)])
    members = [people.printed(one.name) or escape(one.id) for one in record.members]
    lines: list[Tex] = [
        Tex(f"{{\\Huge\\bfseries {people.printed(record.name) or breakable(record.id)}\\par}}"),
        *([Tex(f"{{\\Large {', '.join(members)}\\par}}")] if members else []),
        Tex(f"{{\\Large {' · '.join(filter(None, map(breakable, (record.id, record.group))))}\\par}}"),
        Tex(f"{{\\normalsize\\color{{bw-quiet}}{escape(sheet_title(sheet, lang))}\\par}}"),
    ]
    mark = f"{record.code} separator {lang}"
    page = plain_layout(sheet.page.paper)
    body = (
        f"\\begin{{sheet}}{{{BABEL[lang]}}}{{{escape(record.code)}}}{{}}{{{verbatim(mark)}}}\n"
        f"{paper_tex(page) if page else ''}%\n"
        "\\null\\vfill\\begin{center}\\sffamily\n"
        + "\\vspace{\\baselineskip}\n".join(lines)
        + "\\end{center}\\vfill\n\\end{sheet}\n"
    )
    typed = record.id + record.group + "".join(one.id for one in record.members) + sheet_title(sheet, lang)
    engine, scale = people.engine_with(typed), page.scale if page else Fraction(1)
    return PrintedSheet(body, mark, record.id, lang, engine, {}, people.fonts_with(typed), scale=scale)

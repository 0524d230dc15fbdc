"""A page as HTML: text, tables, figures as SVG, mathematics as MathML; one file, no script, nothing from the network.

It is made of the same TeX as the PDF, so that both say the same. What has no form in HTML is a mistake of the template,
told with file and line, and never left out.
"""

from blattwerk.build.html.pages import STYLE, document, exercise_html, html_pages, sheet_html

__all__ = ["STYLE", "document", "exercise_html", "html_pages", "sheet_html"]

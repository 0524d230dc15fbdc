"""A topic on one page: a Markdown file with Python in fences becomes the same `Exercise` as a topic of three files.

`reading` finds sections, fences and texts; `lines` parses and compiles a fence; `solving` makes Params, the draw and
`solve` (over `values`); `showing` runs the same lines over `faces` for the displayed steps; `checking` makes oracles,
`proving` general derivations (of `proof_terms`), `prose`, `braces` and `texts` the templates; `topic` puts all
together.
"""

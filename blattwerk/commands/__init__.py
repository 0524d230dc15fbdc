"""The commands: each parses its options, calls `build`, and prints; `cli` puts them together.

Heavy modules (pydantic, matplotlib, torch) are imported inside the commands that need them, so that --help is quick.
"""

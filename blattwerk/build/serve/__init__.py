"""The live page: a topic or a sheet in the browser while it is being written.

A server of the standard library on 127.0.0.1. `subject` says what is shown, `pieces` makes what the page asks for,
`watching` notices that a file was saved, `work` does what takes long, `guard` lets nobody else in, `server` is HTTP.
"""

"""A fuzzer of every public page: crawls, fills in what it finds, breaks it in many ways, watches the answers.

Calls the WSGI application itself, without sockets, with headers and bytes as a server would hand them on.
"""

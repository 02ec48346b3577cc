"""The press: a process of its own that sets documents and can do nothing else.

Templates of packs are programs by strangers. The press gets them over a pipe, without environment, network
or files but the fonts and the project's templates, under limits of time and memory, and is thrown away
where it misbehaves.
"""

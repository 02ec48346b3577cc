"""Forms: what is asked (definition), how it is read (kinds), and where a person is in it (journey).

Pure: values in, values out; no tables, no Django, no clock. Refuses to store, send or render anything:
rendering is the `question.html` of each kind, by a face.
"""

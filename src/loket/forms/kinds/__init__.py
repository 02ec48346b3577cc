"""Question kinds, one folder each: `kind.py`, `question.html`, `examples.json`, `locale/`."""

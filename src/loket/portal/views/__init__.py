"""Views by what people come to do."""

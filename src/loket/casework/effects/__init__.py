"""Workflow effects, one module each, named as packs name them."""

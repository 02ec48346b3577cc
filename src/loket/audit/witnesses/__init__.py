"""Ready-made witnesses; a module's name is what LOKET_WITNESS starts with."""

"""What follows from answers: decision tables, fees and waivers, and why.

Pure: values in, values and reasons out. No tables, no clock, no Django.
"""

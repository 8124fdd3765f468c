"""The parts of the HTML page about what verify found out: values in, elements out."""

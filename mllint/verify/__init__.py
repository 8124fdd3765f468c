"""An engine, and an image that it holds, in; what was built, measured and compared out."""

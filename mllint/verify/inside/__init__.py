"""What runs inside an image, with the image's own Python: standard library only, Python 3.6 on.

The modules of this folder are packed into one script (`bundle.py`), so they import each other by
relative names, and nothing else of mllint. They report what they find and judge nothing.
"""

"""Base images: what a reference names, what the image holds, whether it can be had."""

"""A Dockerfile or image in, what a real engine makes of it out; `check` and `plan` import none."""

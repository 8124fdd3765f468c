"""A running container in, facts of its image out: what was measured, judged by nobody yet."""

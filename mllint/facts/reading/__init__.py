"""From instructions to stages: the state that each instruction changes."""

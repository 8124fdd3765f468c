"""Files in, syntax with positions out; nothing here knows what an image holds."""

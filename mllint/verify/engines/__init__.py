"""The place of an engine in, a connection and surely removed containers out; judges nothing."""

"""The CUDA toolkit of a stage, what is compiled with it, and what says that a GPU is used."""

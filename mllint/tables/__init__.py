"""Dated fact tables of `rules/tables` in, frozen typed rows out."""

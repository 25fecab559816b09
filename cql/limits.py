"""Limits that keep a hostile or careless query from costing more than an honest one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one query; beyond each one a numbered diagnostic is raised.

    `query_characters` (12), `term_characters` (23), `booleans` (38), `nesting` of parentheses (13) and `masks` in one term
    (30) have the defaults of the SRU page, section 11.5; `sort_keys` (84) of section 9.1. Our own: `prox_distance` in words
    (41), `regexp_characters` (36), and `plan_depth` (48), which bounds how deep `and`, `or` and `not` may alternate, so that
    whoever walks a plan may do so by plain recursion.
    """

    query_characters: int = 65_536
    term_characters: int = 8_192
    booleans: int = 1_000
    nesting: int = 200
    masks: int = 20
    sort_keys: int = 5
    prox_distance: int = 1_000
    regexp_characters: int = 256
    plan_depth: int = 250

"""Ids: new ones follow each other and never repeat, addresses cannot be guessed."""

import re

from kartoteka.domain.ids import fresh, fresh_run, unguessable

SPELLING = re.compile(r"ld_[0-9a-hjkmnp-tv-z]{16}")


def test_new_ids_follow_each_other_and_are_all_different() -> None:
    made = [fresh("ld") for _ in range(5_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(SPELLING.fullmatch(name) for name in made)


def test_new_ids_end_differently_in_every_process() -> None:
    """Two processes that began alike, a copied machine for instance, would still not collide."""
    assert len({fresh("ld")[-6:] for _ in range(500)}) > 490


def test_run_of_ids_goes_on_where_single_ones_were() -> None:
    made = [fresh("ld"), *fresh_run("ld", 300), fresh("ld"), *fresh_run("ld", 0)]

    assert made == sorted(made)
    assert len({name[-6:] for name in made}) > 290
    assert all(SPELLING.fullmatch(name) for name in made)


def test_unguessable_ids_tell_nothing_of_each_other() -> None:
    made = [unguessable("ld") for _ in range(500)]

    assert len({name[:9] for name in made}) > 490
    assert all(SPELLING.fullmatch(name) for name in made)

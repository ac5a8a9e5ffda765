"""Every service asks the policy with the office's settings: teams, pairs and stages count."""

import ast

from tests.architecture.sources import FUNCTIONS, calls, here, tree

POLICY = {"can", "check", "check_fields", "level"}
OWN = {"access.py", "visibility.py"}
# Without settings on purpose, each with the reason.
BARE = {"functions/sync/views.py": "the readers of a book have no team"}


def askers():
    """(path, call) of each question to the policy, by modules that import it."""
    for path in sorted(FUNCTIONS.rglob("*.py")):
        if path.name in OWN:
            continue
        names = {
            alias.asname or alias.name
            for node in ast.walk(tree(path))
            if isinstance(node, ast.ImportFrom) and node.module == "kartoteka.domain.access"
            for alias in node.names
            if alias.name in POLICY
        }
        for call in calls(path):
            if isinstance(call.func, ast.Name) and call.func.id in names:
                yield path, call


def test_every_question_to_the_policy_brings_the_offices_settings():
    bare = {
        f"{here(path)}:{call.lineno}"
        for path, call in askers()
        if here(path) not in BARE
        if call.func.id != "check_fields"  # its settings are positional
        if "within" not in {item.arg for item in call.keywords}
    }

    assert list(askers())
    assert bare == set()


def test_rights_of_a_role_are_looked_up_by_the_policy_only():
    """Nobody decides by the matrix behind the policy's back."""
    users = {
        here(path)
        for path in FUNCTIONS.rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module == "kartoteka.domain.matrix"
        if {"BUILT_IN", "Rights"} & {alias.name for alias in node.names}
    }

    assert users == {
        "functions/kartoteka/domain/access.py",
        "functions/kartoteka/domain/consistency.py",
        "functions/kartoteka/domain/scope.py",
    }

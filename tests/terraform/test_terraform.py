"""The cloud's description: it parses, is formatted, whole in itself and agrees with the code."""

import json
import re
import runpy
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import hcl2
import pytest

from automation import chat_queue
from automation.backups import KEPT_DAYS
from kartoteka.indexes import firestore_json
from kartoteka.services import chat_sending, firings
from kartoteka.services.wake import CONSUMERS
from kartoteka.settings import Settings, variable
from onebox import machine

ROOT = Path(__file__).parents[2]
HERE = ROOT / "infra" / "terraform"
MODULE = HERE / "modules" / "function"
FILES = sorted(HERE.rglob("*.tf"))
Block = dict[str, Any]


def plain(value: Any) -> Any:
    """Literals without the quotes that the parser keeps."""
    if isinstance(value, str):
        return value[1:-1] if re.fullmatch(r'".*"', value, flags=re.DOTALL) else value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items() if "__" not in key}
    return value


def load(folder: Path) -> dict[str, list[Block]]:
    """All top-level blocks of a folder by kind."""
    found: dict[str, list[Block]] = {}
    for path in sorted(folder.glob("*.tf")):
        with path.open(encoding="utf-8") as text:
            for kind, blocks in plain(hcl2.load(text)).items():
                found.setdefault(kind, []).extend(blocks)
    return found


def local_values(folder: Path) -> Block:
    return {name: value for block in load(folder)["locals"] for name, value in block.items()}


def resources(folder: Path) -> dict[str, Block]:
    """Resource blocks by address, `google_x.y`."""
    return {
        f"{kind}.{name}": body
        for block in load(folder).get("resource", [])
        for kind, named in block.items()
        for name, body in named.items()
    }


def names(folder: Path, kind: str) -> set[str]:
    return {name for block in load(folder).get(kind, []) for name in block}


def misformatted(text: str) -> list[str]:
    """Lines that `terraform fmt` would change, as far as plain eyes can see."""
    wrong, depth, previous = [], 0, (-1, -1)
    for number, line in enumerate(text.split("\n"), start=1):
        code = re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: "x" * len(found[0]), line.split(" # ")[0])
        code = "" if code.lstrip().startswith("#") else code
        opened, closed = len(re.findall(r"[{\[(]", code)), len(re.findall(r"[}\])]", code))
        leading = re.match(r"\s*[}\])]*", code)
        shut_first = len(leading[0].strip()) if leading else 0
        indent = len(line) - len(line.lstrip(" "))
        expected = 2 * max(0, depth - (1 if shut_first else 0))
        if line.strip() and (indent != expected or "\t" in line or line != line.rstrip()):
            wrong.append(f"{number}: indentation or trailing space: {line!r}")
        single = re.match(r"( *)[\w\"-]+ *(=)(?!=)", code)
        aligned = (indent, single.start(2)) if single and opened == closed else (-1, -1)
        if aligned[0] == previous[0] >= 0 and aligned != previous:
            wrong.append(f"{number}: = is not aligned with the line above: {line!r}")
        previous = aligned
        depth += min(1, max(-1, opened - closed))
    return wrong if text.endswith("\n") and not text.endswith("\n\n") else [*wrong, "last line"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_every_file_parses_and_is_formatted(path):
    with path.open(encoding="utf-8") as text:
        assert hcl2.load(text)

    assert misformatted(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "a {\n   b = 1\n}\n",
        "a {\n  b = 1\n  long = 2\n}\n",
        "a {\n  b = 1 \n}\n",
        "a {\n\tb = 1\n}\n",
        "a {\n  b = 1\n  }\n",
        "a {\n  b = 1\n}",
        "a {\n  b = {\n    c   = 1\n    d = 2\n  }\n}\n",
    ],
)
def test_badly_formatted_text_is_noticed(text):
    assert misformatted(text)


def test_terraform_itself_finds_nothing_to_format():
    binary = shutil.which("terraform")
    if binary is None:
        pytest.skip("terraform is not installed: `terraform fmt -check` was NOT run")

    run = subprocess.run(
        [binary, "fmt", "-check", "-recursive", "-diff", "-no-color", str(HERE)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("folder", [HERE, MODULE], ids=["root", "module"])
def test_every_reference_has_its_definition_and_every_variable_its_use(folder):
    code = "\n".join(
        re.sub(r"(^|\s)#[^\n]*", "", path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.tf"))
    )
    used_variables = set(re.findall(r"\bvar\.(\w+)", code))
    used_locals = set(re.findall(r"\blocal\.(\w+)", code))
    used_resources = set(re.findall(r"(?<![\w.\"/])(google_\w+\.\w+)", code))

    assert used_variables == names(folder, "variable")
    assert used_locals == set(local_values(folder))
    assert used_resources <= set(resources(folder))


def test_module_gets_exactly_the_inputs_it_declares():
    call = load(HERE)["module"][0]["function"]
    given = set(call) - {"source", "for_each", "depends_on"}

    assert given == names(MODULE, "variable")
    assert call["source"] == "./modules/function"


def test_variables_and_outputs_explain_themselves():
    for folder in (HERE, MODULE):
        for kind in ("variable", "output"):
            for block in load(folder)[kind]:
                for name, body in block.items():
                    assert body.get("description", "").endswith("."), f"{kind} {name}"


def test_every_queue_stops_retrying_by_both_limits():
    queues = {
        address: body
        for address, body in resources(HERE).items()
        if address.startswith("google_cloud_tasks_queue.")
    }

    assert queues
    for body in queues.values():
        assert {"max_attempts", "max_retry_duration"} <= set(body["retry_config"][0])
    for name, queue in local_values(HERE)["queues"].items():
        assert queue["attempts"] > 1, name
        assert re.fullmatch(r"[1-9]\d+s", queue["retry_for"]), name


def test_queues_are_those_the_code_uses_and_single_writers_wait_their_turn():
    queues = local_values(HERE)["queues"]

    chats = {chat_sending.QUEUE, chat_queue.ROOM}
    rest = {"timers", firings.QUEUE}

    assert {consumer.queue for consumer in CONSUMERS.values()} | rest | chats == set(queues)
    assert {name: queue["concurrent"] for name, queue in queues.items()} == {
        "sheets": 1,
        "contacts": 1,
        "calendar": 1,
        "stats": 1,
        "changes": 1,
        "automation": 10,
        "timers": 20,
        "messages": 10,
        "room": 1,
    }


@pytest.mark.parametrize("name", CONSUMERS)
def test_two_drains_of_a_consumer_never_run_at_once(name):
    queue = CONSUMERS[name].queue

    assert local_values(HERE)["queues"][queue]["concurrent"] == 1
    assert machine.CONCURRENT[queue] == 1


def test_every_entry_point_is_deployed_under_its_own_account():
    entry_points = runpy.run_path(str(ROOT / "functions" / "main.py"))["_HOME"]
    function = resources(MODULE)["google_cloudfunctions2_function.function"]
    account = resources(MODULE)["google_service_account.function"]

    assert set(local_values(HERE)["functions"]) == set(entry_points)
    assert account["account_id"] == "kartoteka-${var.name}"
    assert function["build_config"][0]["entry_point"] == "${var.name}"
    service = function["service_config"][0]
    assert service["service_account_email"] == "${google_service_account.function.email}"


def test_functions_hold_only_the_roles_they_need():
    wanted = {"roles/cloudtasks.enqueuer", "roles/datastore.user"}

    for name, function in local_values(HERE)["functions"].items():
        more = {"roles/datastore.importExportAdmin"} if name == "automation" else set()
        assert set(function["roles"]) == wanted | more, name
        # Every one may run a command that takes a client's files away.
        assert set(function["secrets"]) == {"KARTOTEKA_GOOGLE_TOKEN"}
    bodies = [*resources(HERE).values(), *resources(MODULE).values()]
    granted = {body["role"] for body in bodies if "role" in body}
    assert granted == {
        "${each.value}",
        "roles/cloudbuild.builds.builder",
        "roles/iam.serviceAccountUser",
        "roles/run.invoker",
        "roles/secretmanager.secretAccessor",
        "roles/storage.admin",
    }


def test_every_door_is_open_because_the_code_behind_it_checks_each_token():
    """Cloud Run strips the signature of a token that it has checked itself."""
    held = local_values(HERE)

    assert held["public"] == '${tomap({everybody = "allUsers"})}'
    assert {function["invokers"] for function in held["functions"].values()} == {"${local.public}"}


def test_no_secret_stands_in_the_files_or_would_reach_the_state():
    secret = re.compile(
        r"(?i)AIza[\w-]{30}|ya29\.|-----BEGIN|1//0[\w-]{20}|GOCSPX-|\b[0-9a-f]{32,}\b"
    )
    addresses = set(resources(HERE)) | set(resources(MODULE))
    environment = local_values(HERE)["environment"]

    assert not [
        a for a in addresses if re.match(r"google_secret_manager_secret_version|random_", a)
    ]
    assert not [p.name for p in FILES if secret.search(p.read_text(encoding="utf-8"))]
    assert not [name for name in environment if re.search("SECRET|PASSWORD|KEY|TOKEN", name)]


def test_environment_names_are_settings_of_the_code():
    held = local_values(HERE)
    given = set(held["environment"])
    given |= {name for function in held["functions"].values() for name in function["secrets"]}

    assert given <= {variable(item.name) for item in fields(Settings)}
    assert held["environment"]["KARTOTEKA_STORE"] == "firestore"


def test_keys_of_colleagues_reach_the_mirrors_alone_and_only_when_there_are_any():
    held = local_values(HERE)
    secret = resources(HERE)["google_secret_manager_secret.google_people"]
    module = (HERE / "functions.tf").read_text("utf-8").partition('module "function"')[2]

    assert variable("google_people") in held["google_people"]
    assert secret["count"] == '${var.google_people_version == "" ? 0 : 1}'
    assert 'local.google_people : name => secret if each.key == "sync"' in module


def test_tokens_of_the_scheduler_and_of_the_queues_are_meant_for_the_one_base_url():
    held = local_values(HERE)
    target = resources(HERE)["google_cloud_scheduler_job.job"]["http_target"][0]

    assert target["oidc_token"][0]["audience"] == "${local.base_url}"
    assert held["environment"]["KARTOTEKA_BASE_URL"] == "${local.base_url}"
    assert held["base_url"] == '${var.base_url == "" ? local.home : var.base_url}'


def test_scheduler_has_six_jobs_that_call_their_functions():
    jobs = local_values(HERE)["jobs"]
    target = resources(HERE)["google_cloud_scheduler_job.job"]["http_target"][0]

    assert {name: (job["schedule"], job["function"]) for name, job in jobs.items()} == {
        "tick": ("* * * * *", "automation"),
        "reconcile": ("* * * * *", "sync"),
        "mailboxes": ("* * * * *", "ingest"),
        "backup": ("0 3 * * *", "automation"),
        "promote": ("0 4 * * *", "automation"),
        "nightly": ("30 4 * * *", "automation"),
    }
    assert target["http_method"] == "POST"
    assert target["uri"] == "${local.urls[each.value.function]}/${each.key}"


def test_records_are_protected_from_a_wrong_command():
    database = resources(HERE)["google_firestore_database.main"]

    assert database["type"] == "FIRESTORE_NATIVE"
    assert database["delete_protection_state"] == "DELETE_PROTECTION_ENABLED"
    assert database["point_in_time_recovery_enablement"] == "POINT_IN_TIME_RECOVERY_ENABLED"


def test_bucket_of_backups_is_private_and_keeps_each_shelf_as_long_as_the_code_counts_on():
    bucket = resources(HERE)["google_storage_bucket.backups"]
    rule = bucket["dynamic"][0]["lifecycle_rule"]
    content = rule["content"][0]
    may = resources(HERE)["google_storage_bucket_iam_member.exports"]

    assert local_values(HERE)["kept_days"] == KEPT_DAYS
    assert rule["for_each"] == "${local.kept_days}"
    assert content["condition"][0]["age"] == "${lifecycle_rule.value}"
    assert content["condition"][0]["matches_prefix"] == ["${lifecycle_rule.key}/"]
    assert content["action"][0]["type"] == "Delete"
    assert bucket["uniform_bucket_level_access"] is True
    assert bucket["public_access_prevention"] == "enforced"
    assert may["bucket"] == "${google_storage_bucket.backups.name}"
    given = local_values(HERE)["environment"]["KARTOTEKA_BACKUP_BUCKET"]
    assert given == "${google_storage_bucket.backups.name}"


def test_declared_indexes_have_the_shape_that_the_description_reads():
    declared = json.loads(firestore_json())

    for index in declared["indexes"]:
        assert set(index) == {"collectionGroup", "queryScope", "fields"}
        assert len(index["fields"]) > 1
        assert all(set(field) == {"fieldPath", "order"} for field in index["fields"])
    for field in declared["fieldOverrides"]:
        assert field == {**field, "indexes": []}
        assert set(field) == {"collectionGroup", "fieldPath", "indexes"}
    assert len({json.dumps(index) for index in declared["indexes"]}) == len(declared["indexes"])


def test_only_the_prepared_functions_are_archived():
    archive = next(iter(load(HERE)["data"]))["archive_file"]["functions"]

    assert local_values(HERE)["build"] == "${path.module}/../../build"
    assert archive["source_dir"] == "${local.build}/functions"
    assert "make archive" in archive["lifecycle"][0]["precondition"][0]["error_message"]

"""Test modules that take long: many generated cases, processes, real waits.

`make test` runs them as a part of their own, after the fast ones, which stay within 20 seconds.
"""

LONG = frozenset(
    {
        "tests/access/test_access_everywhere.py",
        "tests/access/test_access_laws.py",
        "tests/access/test_canary.py",
        "tests/access/test_look.py",
        "tests/access/test_refusal_languages.py",
        "tests/architecture/test_cold_start.py",
        "tests/architecture/test_errors.py",
        "tests/architecture/test_texts.py",
        "tests/imports/test_import_cli.py",
        "tests/imports/test_import_runs.py",
        "tests/ingest/channels/test_channels_fuzz.py",
        "tests/ingest/test_intake_fuzz.py",
        "tests/ingest/test_form_posts.py",
        "tests/kartoteka/adapters/test_cloud_tasks_contract.py",
        "tests/kartoteka/adapters/test_google_identity.py",
        "tests/kartoteka/adapters/test_store_model.py",
        "tests/kartoteka/adapters/test_store_sqlite.py",
        "tests/kartoteka/deals/test_deal_stories.py",
        "tests/kartoteka/domain/test_deal_guards.py",
        "tests/kartoteka/services/test_merge.py",
        "tests/kartoteka/services/test_merge_laws.py",
        "tests/kartoteka/tasks/test_next_step_laws.py",
        "tests/onebox/google/test_google_people.py",
        "tests/onebox/google/test_google_server.py",
        "tests/onebox/tasks/test_runner.py",
        "tests/onebox/tasks/test_task_store.py",
        "tests/onebox/test_backup_cloud.py",
        "tests/onebox/test_backup_sealing.py",
        "tests/onebox/test_cli.py",
        "tests/onebox/test_office_archive.py",
        "tests/onebox/web/test_page_book.py",
        "tests/sync/test_contacts_mirror.py",
        "tests/sync/test_sheets_chaos.py",
        "tests/sync/test_sheets_endpoints.py",
        "tests/sync/test_sheets_faults.py",
        "tests/sync/test_sheets_mirror.py",
        "tests/sync/test_sheets_plan.py",
        "tests/sync/test_sheets_standin.py",
        "tests/terraform/test_archive.py",
        "tests/terraform/test_terraform.py",
    }
)

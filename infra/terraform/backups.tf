# Google exports the whole database here every night (functions/automation/backups.py). Which folder
# an export is put in decides how long it stays: 7 nights, 4 first nights of a week, 12 of a month.
locals {
  kept_days = { daily = 7, weekly = 28, monthly = 366 }
}

resource "google_storage_bucket" "backups" {
  name                        = "${var.project}-kartoteka-backups"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  dynamic "lifecycle_rule" {
    for_each = local.kept_days

    content {
      condition {
        age            = lifecycle_rule.value
        matches_prefix = ["${lifecycle_rule.key}/"]
      }

      action {
        type = "Delete"
      }
    }
  }

  # What was deleted by mistake can be taken back for a week.
  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  depends_on = [google_project_service.used]
}

# Who asks for an export must be allowed to write to its bucket; Firestore's own account may already.
resource "google_storage_bucket_iam_member" "exports" {
  bucket = google_storage_bucket.backups.name
  role   = "roles/storage.admin"
  member = "serviceAccount:${module.function["automation"].service_account}"
}

locals {
  services = [
    "artifactregistry",
    "cloudbuild",
    "cloudfunctions",
    "cloudscheduler",
    "cloudtasks",
    "drive",
    "firestore",
    "iam",
    "people",
    "run",
    "secretmanager",
    "sheets",
    "storage",
  ]
}

resource "google_project_service" "used" {
  for_each = toset(local.services)

  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

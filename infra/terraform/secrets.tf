# Only the name lives here. The value is put in by hand, so it is never in a file or in the state:
# gcloud secrets versions add kartoteka-google-token --data-file=-
resource "google_secret_manager_secret" "google_token" {
  secret_id = "kartoteka-google-token"

  replication {
    auto {}
  }

  depends_on = [google_project_service.used]
}

# Keys of the employees' own accounts, when each phone or calendar is somebody's own. Made only
# when there are any: a version that does not exist would keep the functions from starting.
resource "google_secret_manager_secret" "google_people" {
  count     = var.google_people_version == "" ? 0 : 1
  secret_id = "kartoteka-google-people"

  replication {
    auto {}
  }

  depends_on = [google_project_service.used]
}

# Only the name lives here. The value is put in by hand, so it is never in a file or in the state:
# gcloud secrets versions add kartoteka-google-token --data-file=-
resource "google_secret_manager_secret" "google_token" {
  secret_id = "kartoteka-google-token"

  replication {
    auto {}
  }

  depends_on = [google_project_service.used]
}

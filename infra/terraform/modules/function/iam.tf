resource "google_service_account" "function" {
  account_id   = "kartoteka-${var.name}"
  display_name = "Kartoteka: function ${var.name}"
}

resource "google_project_iam_member" "may" {
  for_each = var.access.roles

  project = var.project
  role    = each.value
  member  = google_service_account.function.member
}

# A task carries a token of the account that the queue speaks as.
resource "google_service_account_iam_member" "acts_as" {
  service_account_id = var.access.acts_as
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.function.member
}

resource "google_secret_manager_secret_iam_member" "reads" {
  for_each = var.access.secrets

  project   = var.project
  secret_id = each.value.secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function.member
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = var.access.invokers

  project  = var.project
  location = var.region
  name     = google_cloudfunctions2_function.function.name
  role     = "roles/run.invoker"
  member   = each.value
}

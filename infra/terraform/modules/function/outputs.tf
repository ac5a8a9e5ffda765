output "service_account" {
  description = "E-mail of the account that the function runs as."
  value       = google_service_account.function.email
}

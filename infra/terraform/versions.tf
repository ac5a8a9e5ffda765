# The bucket of the state is named at `terraform init -backend-config=bucket=...`.
terraform {
  required_version = ">= 1.9"

  required_providers {
    archive = {
      source  = "hashicorp/archive"
      version = ">= 2.4, < 3.0"
    }
    google = {
      source  = "hashicorp/google"
      version = ">= 7.0, < 9.0"
    }
  }

  backend "gcs" {
    prefix = "kartoteka"
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

"""A durable task runner on one machine that speaks the Cloud Tasks REST API."""

"""Ready-made offices: one YAML file a business type."""

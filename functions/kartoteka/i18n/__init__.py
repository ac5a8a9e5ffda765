"""Texts of the product in Russian and English."""

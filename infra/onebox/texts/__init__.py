"""What one box says on its page and in its terminal, in Russian and English."""

"""Letters: raw MIME read as it comes in real life, and what a letter means."""

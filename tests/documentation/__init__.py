"""The site of documentation."""

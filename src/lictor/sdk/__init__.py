"""What users write flows and tasks with."""

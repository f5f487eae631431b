"""Pure decisions: may a run change state, and what does an accepted state change on it."""

"""Clock, ids, JSON, names: what every floor uses and nothing of Lictor's own."""

"""Events: what happens to runs and other things."""

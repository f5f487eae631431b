"""Events as they are sent and answered."""

"""What guards a server, as seen from outside."""

"""What `deploy/` holds: images, compose and Kubernetes files, units, and proxies' configurations."""

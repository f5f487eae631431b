"""The database: transactions as generators, one module a resource, SQL in files."""

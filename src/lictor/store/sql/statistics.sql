-- tables
-- The names of all tables.
{tables};

-- knows_sizes
-- Whether the database tells how much each table takes.
{knows_sizes};

-- sizes
-- How many bytes each table takes with its indexes.
{sizes};

-- bytes
-- How many bytes the database takes, and how many of them are free.
{bytes};

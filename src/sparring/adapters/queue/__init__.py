"""The engine of many processes: jobs in PostgreSQL, carried by Procrastinate."""

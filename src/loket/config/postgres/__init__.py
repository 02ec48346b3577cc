"""Django's database backend for PostgreSQL, with connections that stay open and cost nothing to check."""

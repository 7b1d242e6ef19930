"""Django's PostgreSQL backend, patient while a server restarts."""

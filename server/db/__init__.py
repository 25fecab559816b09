"""PostgreSQL: the one place of SQL. Pool, private server, migrations, and one small typed module per subject."""

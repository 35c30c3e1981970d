-- Run by the image of PostgreSQL when it makes the database: the role that serves, which owns nothing. What it may do is granted
-- after the first "migrate up", by what "countersign migrate grants server" prints.
\set password `cat /run/secrets/server_password`
CREATE ROLE server LOGIN PASSWORD :'password';

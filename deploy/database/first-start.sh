#!/bin/sh
# Run once by PostgreSQL's image, as its superuser: Loket gets a role of its own that is none, and a database.
set -eu
password=$(cat "${POSTGRES_PASSWORD_FILE}")
psql --set=ON_ERROR_STOP=1 --username=postgres --set=role="${LOKET_ROLE}" --set=name="${LOKET_NAME}" \
     --set=password="${password}" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"role" ENCODING 'UTF8' TEMPLATE template0;
SQL

-- Who may do what in the database of Parvis. Run it as a superuser in that database, before the first `parvis db upgrade` and again
-- after each one; it does no harm twice:
--     psql -v owner_password=... -v services_password=... -f roles.sql parvis
-- parvis_owner owns the tables, and only `parvis db upgrade` signs in as it. The services sign in as parvis_services: they work on
-- every table, but of the audit log they can only read and add. A trigger refuses to change it to everybody, the owner included.

\set ON_ERROR_STOP on

select format('create role parvis_owner login password %L', :'owner_password')
where not exists (select from pg_roles where rolname = 'parvis_owner') \gexec
select format('create role parvis_services login password %L', :'services_password')
where not exists (select from pg_roles where rolname = 'parvis_services') \gexec

revoke all on schema public from public;
grant usage, create on schema public to parvis_owner;
grant usage on schema public to parvis_services;

-- The tables that are there, and those that an upgrade makes later.
grant select, insert, update, delete on all tables in schema public to parvis_services;
grant usage on all sequences in schema public to parvis_services;
alter default privileges for role parvis_owner in schema public grant select, insert, update, delete on tables to parvis_services;
alter default privileges for role parvis_owner in schema public grant usage on sequences to parvis_services;

-- What the services must not change: what was done, and which tables there are.
select 'revoke update, delete, truncate on review_audit from parvis_services'
where to_regclass('public.review_audit') is not null \gexec
select 'revoke update, delete, truncate on review_audit_seals, review_audit_anchors from parvis_services'
where to_regclass('public.review_audit_seals') is not null \gexec
select 'revoke insert, update, delete, truncate on alembic_version from parvis_services'
where to_regclass('public.alembic_version') is not null \gexec

-- Secrets of accounts. Who the accounts are stands in the log; what proves them stands here alone.
CREATE TABLE credentials (
    account       text        NOT NULL PRIMARY KEY,
    password_hash text        NOT NULL,
    changed_at    timestamptz NOT NULL
);

CREATE TABLE sessions (
    token_digest text        NOT NULL PRIMARY KEY,
    account      text        NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);

CREATE INDEX sessions_account ON sessions (account);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- One row a key that a client sent with a command; written in the command's own transaction.
CREATE TABLE idempotency (
    actor          text        NOT NULL,
    key            text        NOT NULL,
    request_digest text        NOT NULL,
    status         int         NULL,   -- the answer given, once it is known
    answer         jsonb       NULL,
    position       bigint      NULL,   -- the log position that the command reached
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (actor, key)
);

CREATE INDEX idempotency_created_at ON idempotency (created_at);

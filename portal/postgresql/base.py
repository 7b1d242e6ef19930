"""A request that meets a restarting database waits for it; for a silent one it does not wait long."""

import select
import time
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Error, OperationalError
from psycopg.pq.abc import PGconn

PAUSE = 0.1
SILENCE = 1.0  # whoever takes longer to refuse did not refuse
SIGN_OF_LIFE = 2.0  # seconds for the answer to nothing at all


class DatabaseWrapper(base.DatabaseWrapper):
    """Tries again, for OPTIONS["patience"] seconds at most, while the server refuses connections."""

    patience = 0.0

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        self.patience = float(params.pop("patience", 0))
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, and again if that was refused at once; a silent server cost time enough and is not waited for."""
        give_up = time.monotonic() + self.patience
        while True:
            tried = time.monotonic()
            try:
                return super().get_new_connection(conn_params)
            except OperationalError:
                now = time.monotonic()
                if now - tried > SILENCE or now + PAUSE > give_up:
                    raise
            time.sleep(PAUSE)

    def is_usable(self) -> bool:
        """Whether the server still answers on this connection, asked before a request first uses it.

        Django's own question waits for ever when the server hangs or the network swallows what is sent.
        """
        if self.connection is None:
            return False
        try:
            return _answers(self.connection.pgconn)
        except (Error, OSError):
            return False


def _answers(pgconn: PGconn) -> bool:
    """Send an empty statement and read to the end of the answer, for a limited time."""
    pgconn.send_query(b"")
    deadline = time.monotonic() + SIGN_OF_LIFE
    while True:
        while pgconn.is_busy():
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([pgconn.socket], [], [], left)[0]:
                return False
            pgconn.consume_input()
        if pgconn.get_result() is None:
            return True

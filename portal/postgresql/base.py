"""A request that meets a restarting database waits for it instead of failing."""

import time
from typing import Any

from django.db.backends.postgresql import base

PAUSE = 0.1


class DatabaseWrapper(base.DatabaseWrapper):
    """Tries again, for OPTIONS["patience"] seconds at most, while the server refuses connections."""

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        self.patience = float(params.pop("patience", 0))
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, and again if that failed at once; a silent server has cost connect_timeout and is not waited for."""
        give_up = time.monotonic() + self.patience
        while True:
            try:
                return super().get_new_connection(conn_params)
            except base.Database.OperationalError:
                if time.monotonic() + PAUSE > give_up:
                    raise
            time.sleep(PAUSE)

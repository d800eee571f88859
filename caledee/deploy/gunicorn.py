"""How gunicorn serves Caledee: `gunicorn --config caledee/deploy/gunicorn.py caledee.wsgi`. Imported by nobody.

The command line has the last word: `--bind 127.0.0.1:8000`, `--workers 8`.
"""

import os
import select

import gunicorn.glogging
from django.db import connections
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.workers.base import Worker

from caledee.ops.environment import IMPATIENT
from caledee.ops.logs import FactsFormatter, JsonFormatter
from caledee.ops.patience import limit_waiting
from caledee.ops.variables import read, read_number


class Logger(gunicorn.glogging.Logger):
    """Logs as Caledee does. Requests it leaves to Caledee, which logs them without their addresses."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        formatter = FactsFormatter() if read("LOG_FORMAT").strip() == "line" else JsonFormatter()
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter)

    def access(self, *_: object) -> None:
        pass

    def warning(self, msg: str, *args: object, **kwargs: object) -> None:
        """A request that cannot be read is quoted in what is said of it: that is cut."""
        super().warning(msg.partition(" from ip=")[0], *args, **kwargs)

    def exception(self, msg: object, *_: object, **kwargs: object) -> None:
        """An address comes as an argument, which is cut."""
        super().exception(str(msg).partition(" %s")[0] if isinstance(msg, str) else type(msg).__name__, **kwargs)


logger_class = Logger
worker_class = "caledee.deploy.worker.BufferingWorker"
workers = read_number("WEB_CONCURRENCY", 1, 1000)
threads = 4
# Of each process. Those that wait longest give way to new ones, so that this is no limit for anybody but slow clients.
worker_connections = 500
# Whether a request came by https is said by TRUST_X_FORWARDED_PROTO alone. gunicorn would believe every client of this
# machine, and of a socket: in X-Forwarded-Proto and its like, and in SCRIPT_NAME, which moves the whole site.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
proxy_protocol = "off"
# The loop sends answers piece by piece, which it cannot do with a file that the system sends.
sendfile = False
# Requests in progress are finished within it when a worker ends, as by `systemctl reload`.
graceful_timeout = 30
# Longer than a proxy keeps an idle connection (nginx: 60 s), so that it is never closed on a request under way.
keepalive = 75
control_socket_disable = True

LONGEST_START = 30  # seconds


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """Workers start one after the other.

    Told to reload, gunicorn starts all new workers and then ends the old ones at once, although a new one serves only
    when it has loaded the application, seconds later. So the second waits until the first does.
    """
    if started := getattr(server, "started", None):
        reader, writer = started
        os.close(writer)  # the worker's own copy is open until it serves, or has failed to
        select.select([reader], [], [], LONGEST_START)
        os.close(reader)
    server.started = os.pipe()
    worker.serves = server.started[1]


def post_worker_init(worker: Worker) -> None:
    limit_waiting(connections.settings["default"], usual=IMPATIENT)
    os.close(worker.serves)

"""Configure gunicorn: `gunicorn --config caledee/deploy/gunicorn.py caledee.wsgi`.

Options on the command line override it: `--bind 127.0.0.1:8000`, `--workers 8`.
"""

import gc
import os
import select

import gunicorn.glogging
from django.db import connections
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.workers.base import Worker

from caledee.ops.environment import TIMEOUTS
from caledee.ops.logs import FactsFormatter, JsonFormatter
from caledee.ops.patience import limit_waiting
from caledee.ops.variables import read, read_number


class Logger(gunicorn.glogging.Logger):
    """Logs in Caledee's format. Doesn't log requests, which Caledee itself logs without their addresses."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        formatter = FactsFormatter() if read("LOG_FORMAT").strip() == "line" else JsonFormatter()
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter)

    def access(self, *_: object) -> None:
        pass

    def warning(self, msg: str, *args: object, **kwargs: object) -> None:
        """Cut off the quoted request from warnings about invalid requests."""
        super().warning(msg.partition(" from ip=")[0], *args, **kwargs)

    def exception(self, msg: object, *_: object, **kwargs: object) -> None:
        """Drop the arguments, which contain addresses."""
        super().exception(str(msg).partition(" %s")[0] if isinstance(msg, str) else type(msg).__name__, **kwargs)


logger_class = Logger
worker_class = "caledee.deploy.worker.BufferingWorker"
workers = read_number("WEB_CONCURRENCY", 1, 1000)
threads = 4
# Per process. New connections replace the ones that wait longest, so the limit only affects slow clients.
worker_connections = 500
# Only TRUST_X_FORWARDED_PROTO decides whether a request came over https. gunicorn would trust every client on this
# machine or on a socket: X-Forwarded-Proto and similar headers, and SCRIPT_NAME, which moves the whole site.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
proxy_protocol = "off"
# The loop sends responses in pieces, which doesn't work with files that the system sends.
sendfile = False
# How long requests in progress can take when a worker stops, for example after `systemctl reload`.
graceful_timeout = 30
# Longer than proxies keep idle connections (nginx: 60 s). Otherwise one could be closed while a request is sent.
keepalive = 75
control_socket_disable = True

LONGEST_START = 30  # seconds


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """Start workers one after the other.

    On a reload, gunicorn starts all new workers and then immediately stops the old ones, but a new worker first has to
    load the application, which takes seconds. So each worker waits for the one before.
    """
    gc.freeze()  # Workers share what is preloaded. The collector of each would look at it, and thereby copy it.
    if started := getattr(server, "started", None):
        reader, writer = started
        os.close(writer)  # the worker's copy stays open until it serves or fails
        select.select([reader], [], [], LONGEST_START)
        os.close(reader)
    server.started = os.pipe()
    worker.serves = server.started[1]


def post_worker_init(worker: Worker) -> None:
    limit_waiting(connections.settings["default"], usual=TIMEOUTS)
    os.close(worker.serves)
    gc.freeze()  # all that is loaded stays until the end

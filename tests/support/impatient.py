"""The web server with deadlines that a test can wait for."""

from caledee.deploy.worker import BufferingWorker


class ImpatientWorker(BufferingWorker):
    head_seconds = 3.0
    body_seconds = 4.0
    send_seconds = 3.0
    slowest_reader = 10_000_000
    close_seconds = 8.0

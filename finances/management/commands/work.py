import signal
import threading

from django.core.management.base import BaseCommand

from finances import worker


class Command(BaseCommand):
    help = "Process webhooks and run resyncs until stopped; with --drain, until nothing is left to do."

    def add_arguments(self, parser):
        parser.add_argument("--drain", action="store_true", help="end when nothing is left to do")

    def handle(self, *, drain, **options):
        if drain:
            worker.drain()
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        running = worker.Worker()
        running.start()
        self.stdout.write("Working. Ctrl-C ends it.")
        stop.wait()
        running.stop()

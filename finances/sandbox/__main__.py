"""`python -m finances.sandbox --port 12111`: the local Stripe by itself."""

from __future__ import annotations

import argparse
import os
import sys
import threading

from finances.sandbox.sandbox import Sandbox


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m finances.sandbox", description="A local Stripe.")
    parser.add_argument(
        "--port", type=int, default=12111, help="on 127.0.0.1; 0 takes a free one (default %(default)s)"
    )
    parser.add_argument("--customers", type=int, default=500, help="at the end of the history (default %(default)s)")
    parser.add_argument("--months", type=int, default=24, help="of history up to today (default %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="another seed, another business (default %(default)s)")
    parser.add_argument("--activity", type=float, metavar="SECONDS", help="something happens about so often")
    parser.add_argument("--webhook-url", help="where events are sent")
    parser.add_argument("--webhook-secret-from-env", metavar="NAME", help="the variable that holds the signing secret")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end together with the parent process")
    options = parser.parse_args(arguments)
    sandbox = Sandbox(options.customers, options.months, options.seed)
    if options.webhook_url:
        secret = os.environ.get(options.webhook_secret_from_env or "", "")
        if not secret:
            name = options.webhook_secret_from_env or "--webhook-secret-from-env"
            print(f"Sandbox: {name} is empty: without a secret no webhook can be signed.", file=sys.stderr)
            return 2
        try:
            sandbox.webhooks.point_at({"url": options.webhook_url, "secret": secret})
        except ValueError as wrong:
            print(f"Sandbox: {wrong}", file=sys.stderr)
            return 2
    try:
        address = sandbox.start(options.port)
    except (OSError, OverflowError):
        print(f"Sandbox: port {options.port} is taken or not to be had. Choose another with --port.", file=sys.stderr)
        return 2
    print(f"Sandbox: {address}", flush=True)
    if options.activity:
        sandbox.activity.set({"every": options.activity})
    try:
        if options.until_stdin_closes:
            while sys.stdin.buffer.read(4096):
                pass
        else:
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

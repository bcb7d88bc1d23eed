"""Connects SIP user agents and a proxy that others have made to a server, and measures that each is heard, and by whom.

    run.py --server FILE [--table FILE] [NAME…]

A name is a stack's (`baresip`) or a part's (`phone`). Exit 0: everything went as the table says it should. 1: something
did not, or could not be run (which is told, never passed over).
"""

import argparse
import asyncio
import datetime
import pathlib
import sys
import tempfile

import aiohttp

import parts


async def one(part, arguments, place):
    with tempfile.TemporaryDirectory(prefix="interop-sip-", ignore_cleanup_errors=True) as folder:
        folder = pathlib.Path(folder)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as http:
            scene = parts.Scene(http, folder, pathlib.Path(arguments.server).resolve(), place)
            try:
                text, right = await part.play(scene), True
            except Exception as error:  # whatever it is, it is told
                text, right = f"{type(error).__name__}: {error}", False
            finally:
                await scene.end()
            faults = scene.faults()
            if faults:
                text, right = f"{text}; the server's log: {faults[0]}", False
            if not right:
                for log in sorted(folder.rglob("log")):
                    print(f"--- {log.parent.name}\n{log.read_text(errors='replace')[-int(arguments.log):]}", file=sys.stderr)
            return text, right


async def run(arguments):
    wanted = [name.lower() for name in arguments.names]
    chosen = [it for it in parts.ALL if not wanted or it.stack.name.lower() in wanted or it.kind in wanted]
    rows = []
    for place, part in enumerate(chosen):
        text, right = await one(part, arguments, place)
        print(f"{'ok  ' if right else 'FAIL'} {part.title}: {text}", flush=True)
        rows.append((part, right, text))
    if arguments.table:
        write_table(arguments.table, rows)
    failed = sum(not right for _, right, _ in rows)
    print(f"interop: {len(rows) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not rows else 0


def write_table(path, rows):
    lines = [f"Run on {datetime.date.today().isoformat()}.", "", "| peer | version | part | by | result |", "|---|---|---|---|---|"]
    lines += [f"| {part.stack.name} | {part.stack.version()} | {part.what} | {part.by} | "
              f"{'' if right else '**fails**: '}{text} |" for part, right, text in rows]
    pathlib.Path(path).write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--table")
    parser.add_argument("--log", default=2_500, help="how much is shown of the logs of what fails, in characters")
    parser.add_argument("names", nargs="*")
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()

"""A mail server on this machine: one mail is taken, and written down as it came.

    python smtp.py PORT FILE
"""

import sys
import time

from aiosmtpd.controller import Controller


class Box:
    async def handle_DATA(self, server, session, envelope):
        with open(sys.argv[2], "wb") as file:
            file.write(envelope.content)
        return "250 taken"


controller = Controller(Box(), hostname="127.0.0.1", port=int(sys.argv[1]))
controller.start()
time.sleep(60)

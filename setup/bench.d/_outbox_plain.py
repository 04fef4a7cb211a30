"""``python _outbox_plain.py PORT COUNT``: sends messages for each line it reads.

They were written before: only handing them over is measured.
"""

import os
import smtplib
import sys
from email.message import EmailMessage
from email.policy import SMTP

SENDER = "kpi@example.com"
BODY = "<p>Won revenue: <b>82.4 k€</b></p><p>18 % below target since Monday.</p>"
TEXT = "Won revenue: 82.4 k€\n18 % below target since Monday.\n"


def main(port: str, count: str) -> None:
    messages = [_message(number).as_bytes(policy=SMTP) for number in range(int(count))]
    print("0", flush=True)
    for _line in sys.stdin:
        with smtplib.SMTP("127.0.0.1", int(port)) as session:
            for number, message in enumerate(messages):
                session.sendmail(SENDER, f"p{number % 100}@example.com", message)
        print("0", flush=True)


def _message(number: int) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = f"KPI {number}"
    message["From"] = f"My Company <{SENDER}>"
    message["To"] = f"Person <p{number % 100}@example.com>"
    message["Message-Id"] = f"<plain.{os.getpid()}.{number}@example.com>"
    message.set_content(TEXT)
    message.add_alternative(BODY, subtype="html")
    return message


if __name__ == "__main__":
    main(*sys.argv[1:])

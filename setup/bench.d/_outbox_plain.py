"""``python _outbox_plain.py PORT COUNT``: messages by smtplib for each line read."""

import os
import smtplib
import sys
from email.message import EmailMessage

BODY = "<p>Won revenue: <b>82.4 k€</b></p><p>18 % below target since Monday.</p>"
TEXT = "Won revenue: 82.4 k€\n18 % below target since Monday.\n"


def main(port: str, count: str) -> None:
    print("0", flush=True)
    for _line in sys.stdin:
        with smtplib.SMTP("127.0.0.1", int(port)) as session:
            for number in range(int(count)):
                session.send_message(_message(number))
        print("0", flush=True)


def _message(number: int) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = f"KPI {number}"
    message["From"] = "My Company <kpi@example.com>"
    message["To"] = f"Person <p{number % 100}@example.com>"
    message["Message-Id"] = f"<plain.{os.getpid()}.{number}@example.com>"
    message.set_content(TEXT)
    message.add_alternative(BODY, subtype="html")
    return message


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What runs in the worker: imports, fetching mail, sorting it."""

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from . import actions
from .mail import arriving, fetching


@app.task(name="intake.run_import", queue="slow", retry=3, lock="intake.import")
def run_import(run_id: int) -> None:
    actions.run_all(run_id)


@app.periodic(cron="* * * * *")
@app.task(name="intake.look", queueing_lock="intake.look", pass_context=False)
def look(timestamp: int) -> None:
    """Each minute: fetch from the mailboxes whose time has come, and sort what still waits."""
    for mailbox_id in fetching.due():
        ask(mailbox_id)
    arriving.sort_waiting()


def ask(mailbox_id: int) -> bool:
    """A turn at this mailbox, unless one is asked for already. One conversation at a time, so that a slow server holds one hand only."""
    try:
        app.configure_task("intake.fetch", queue="mail", lock="intake.fetch", queueing_lock=f"intake.fetch:{mailbox_id}").defer(mailbox_id=mailbox_id)
    except AlreadyEnqueued:
        return False
    return True


@app.task(name="intake.fetch", queue="mail")
def fetch(mailbox_id: int) -> None:
    turn = fetching.fetch(mailbox_id)
    if turn.left and turn.well:
        ask(mailbox_id)  # a backlog: the others get their turn in between


@app.task(name="intake.sort_mail", queue="mail")
def sort_mail(received_id: int) -> None:
    arriving.sort(received_id)

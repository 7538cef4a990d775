"""A real Dovecot on this machine: mailboxes by IMAP, and delivery into them as files of a Maildir."""

import os
import pwd
import shutil
import signal
import socket
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from imapclient import IMAPClient

from tests.harness.ports import free_port
from tests.harness.processes import Running, wait_until

PASSWORD = "let-me-see-the-mail"

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
protocols = imap
listen = 127.0.0.1
log_path = {folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain xoauth2
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 0
first_valid_gid = 0
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
imap_idle_notify_interval = 2 s
{further}
passdb {{
  driver = static
  mechanisms = plain
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner_group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class ImapServer:
    """`with ImapServer() as server`. Run by root, Dovecot takes the users that its package made; else everything is ours."""

    def __init__(self, further: str = "") -> None:
        # Not one of pytest's, which are closed to Dovecot's users again whenever another session begins.
        self.folder = Path(tempfile.mkdtemp(prefix="parvis-dovecot-"))
        self.port = 0
        self._further = further
        self._process: Running | None = None

    def __enter__(self) -> Self:
        self.port = free_port()
        root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid())
        (self.folder / "mail").mkdir(parents=True, exist_ok=True)
        if root:
            shutil.chown(self.folder / "mail", "nobody")
            self.folder.chmod(0o711)
        users = (
            {"internal": "dovecot", "internal_group": "dovecot", "login": "dovenull", "owner": "nobody", "owner_group": "nogroup"}
            if root
            else {"internal": me.pw_name, "internal_group": me.pw_gid, "login": me.pw_name, "owner": me.pw_uid, "owner_group": me.pw_gid}
        )
        configuration = self.folder / "dovecot.conf"
        configuration.write_text(
            CONFIGURATION.format(folder=self.folder, port=self.port, password=PASSWORD, further=self._further, **users)
        )
        command = [shutil.which("dovecot") or "/usr/sbin/dovecot", "-F", "-c", str(configuration)]
        self._process = Running(command, self.folder / "output.log")
        wait_until(self._answers, self._process.process, self.folder / "dovecot.log", 60)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process:
            self._process.end(signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                return connection.recv(4) == b"* OK"
        except OSError:
            return False

    def opens(self, user: str) -> IMAPClient:
        """The mailbox as its person opens it."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False)
        client.login(user, PASSWORD)
        client.select_folder("INBOX")
        return client

    def delivers(self, user: str, *mails: bytes) -> None:
        """Into the inbox, by IMAP: what waits in IDLE hears of it."""
        with self.opens(user) as client:
            for mail in mails:
                client.append("INBOX", mail)

    def marked(self, user: str) -> dict[int, tuple[bytes, ...]]:
        """The flags of each message in the inbox."""
        with self.opens(user) as client:
            uids = client.search()
            return {uid: facts[b"FLAGS"] for uid, facts in client.fetch(uids, ["FLAGS"]).items()} if uids else {}

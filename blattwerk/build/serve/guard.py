"""Who may ask: the page that this server has sent, and nobody else.

The server listens on the loopback alone, but a page of another site in the same browser could ask it (by a name that it
lets point to 127.0.0.1, or by a form), and so could another user of the machine. So the Host has to be ours, the Origin
too where there is one, and every address begins with a token that only the terminal shows.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest

OURS = ("same-origin", "none")  # asked by our own page, or typed into the address bar


@dataclass(frozen=True)
class Guard:
    """What a request to this server looks like."""

    port: int
    token: str

    @property
    def address(self) -> str:
        """What the user opens."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    def refusal(self, method: str, path: str, header: Callable[[str], str | None]) -> str:
        """Why a request is refused, empty if it is not; `header` gives one by its name, in whatever letters."""
        hosts = (f"127.0.0.1:{self.port}", f"localhost:{self.port}")
        if header("Host") not in hosts:
            return f"this server is asked as {hosts[0]}, and as nothing else"
        origin = header("Origin")
        if origin is not None and origin not in [f"http://{host}" for host in hosts]:
            return "a page of another origin may not ask this server"
        if (header("Sec-Fetch-Site") or "none") not in OURS:
            return "a page of another site may not ask this server"
        if method != "GET" and origin is None:
            return "a request that starts something has to name its origin"
        if not self._known(path):
            return "open the address that the terminal shows: it ends in a token"
        return ""

    def _known(self, path: str) -> bool:
        first = path[1:].partition("/")[0] if path.startswith("/") else ""
        return compare_digest(first.encode("utf-8", "replace"), self.token.encode())

    def inside(self, path: str) -> str:
        """The part of an admitted path behind the token, without the stroke in front."""
        return path[len(self.token) + 2 :]


def new_token() -> str:
    """A token that cannot be guessed."""
    return secrets.token_urlsafe(16)
